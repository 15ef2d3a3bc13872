import { between, type Millis, millis } from '../../domain/time.ts';
import type { OperatorLine } from '../command-line.ts';
import type { SeenCluster } from '../groups.ts';
import type { Cluster } from '../with-cluster.ts';
import type { Finding } from './finding.ts';
import { safeTtl } from './safe-ttl.ts';

export type StoreCheck = {
  readonly findings: readonly Finding[];
  /** The shortest `ttl` that is safe with what was measured. */
  readonly safeTtl: Millis;
  /** Of one linearizable read; `null`: none was answered. */
  readonly latency: { readonly median: Millis; readonly slowest: Millis } | null;
  /** The last picture of the cluster that it gave; a store that answers now and then shall not hide what is in it. */
  readonly view: SeenCluster | null;
};

const READS = 20;

/** Ask the store again and again: each read goes through its leader and a majority, like a renewal. */
export async function checkStore(cluster: Cluster, line: OperatorLine): Promise<StoreCheck> {
  // The first read also loads and connects what the others find ready.
  await cluster.glance();
  const took: number[] = [];
  let silence: string | null = null;
  let view: SeenCluster | null = null;
  for (let count = 0; count < READS; count += 1) {
    const from = line.now();
    const read = await cluster.glance();
    if (read.kind === 'view') {
      took.push(between(from, line.now()));
      view = read.view;
    } else silence = read.why;
  }
  const sorted = took.toSorted((a, b) => a - b);
  const slowest = sorted.at(-1);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (slowest === undefined || median === undefined) {
    const findings = [unanswered(silence ?? 'nothing was asked')];
    return { findings, safeTtl: safeTtl(millis(0)), latency: null, view: null };
  }
  const latency = { median: millis(median), slowest: millis(slowest) };
  const silent = (await cluster.silentEndpoints()).map(memberDown);
  const findings = [
    measured(latency),
    ...(silence === null ? [] : [unsteady(READS - took.length, silence)]),
    ...silent,
  ];
  return { findings, safeTtl: safeTtl(latency.slowest), latency, view };
}

function measured({ median, slowest }: { readonly median: Millis; readonly slowest: Millis }): Finding {
  const says = `answers in ${median.toFixed(1)} ms, the slowest of ${READS} reads took ${slowest.toFixed(1)} ms`;
  if (slowest < SLOW_MS) return { area: 'store', level: 'fine', says, remedy: null };
  const remedy = 'give etcd a disk of its own and a near network (its metrics: wal_fsync, peer_round_trip_time)';
  return { area: 'store', level: 'warning', says, remedy };
}

/** A store that takes this long is near to losing its own leader. */
const SLOW_MS = 250;

function unsteady(count: number, reason: string): Finding {
  return {
    area: 'store',
    level: 'warning',
    says: `left ${count} of ${READS} reads without an answer (${reason})`,
    remedy: 'etcdctl endpoint status --cluster shows which member is down or has no leader',
  };
}

/** The others go on without it, and nobody notices before one more is gone. */
function memberDown({ endpoint, why }: { readonly endpoint: string; readonly why: string }): Finding {
  return {
    area: 'store',
    level: 'warning',
    says: `${endpoint} does not answer: ${why}`,
    remedy:
      'start that etcd again, or replace it, and take it out of hosts; a store of three lives with one less, not with two',
  };
}

function unanswered(reason: string): Finding {
  return {
    area: 'store',
    level: 'error',
    says: `does not answer: ${reason}`,
    remedy: 'does etcd run there, are hosts, protocol and certificates of etcd3 right, is the network open?',
  };
}
