import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import type { Fault } from './faults.ts';
import { monotonicMs, until } from './wait.ts';
import { analyse, type WriteReport } from './write-analysis.ts';
import type { Writers } from './writers.ts';

/**
 * One fault under write load, from a healthy cluster to a healthy cluster.
 * @throws when no primary returns, or the cluster does not heal, within the limits of the waits.
 */
export async function round(fault: Fault, { cluster, writers, storeLeader }: Setting): Promise<RoundReport> {
  const primary = await cluster.untilHealthy();
  const elsewhere = cluster.names.find((name) => name !== primary) ?? primary;
  await cluster.store.placeLeader(storeLeader === 'on the primary' ? primary : elsewhere);
  await writers.untilWrittenSince(monotonicMs());

  const scene = { cluster, writers, primary };
  const dataBefore = directoryIdentity(cluster, primary);
  const from = monotonicMs();
  await fault.strike(scene);
  let mendedAt: number;
  try {
    await untilServedAgain(writers, { since: from, primary, fault });
  } finally {
    mendedAt = monotonicMs();
    await fault.mend(scene);
  }
  const next = await cluster.untilHealthy();
  const rejoinedAt = monotonicMs();
  await writers.untilWrittenSince(rejoinedAt);

  const present = await writers.rowsOn(next);
  return {
    fault: fault.name,
    primary,
    next,
    rejoin: directoryIdentity(cluster, primary) === dataBefore ? 'kept its data' : 'new copy',
    rejoinMs: rejoinedAt - mendedAt,
    ...analyse(writers.acknowledgements(), { from, to: rejoinedAt, present }),
  };
}

/** One line for people. */
export function roundLine(report: RoundReport): string {
  const { fault, primary, next, longestGapMs, late, lost, rejoin, rejoinMs, acknowledged } = report;
  return [
    `${fault}: ${primary} -> ${next}`,
    `longest gap ${(longestGapMs / 1000).toFixed(2)} s`,
    `${acknowledged} writes acknowledged, ${late.length} late, ${lost.length} lost`,
    `whole again ${(rejoinMs / 1000).toFixed(1)} s after mending (${rejoin})`,
  ].join('; ');
}

/** An outside client is acknowledged writes: by another node, or (for a recovery) on a connection made since. */
async function untilServedAgain(
  writers: Writers,
  { since, primary, fault }: { readonly since: number; readonly primary: string; readonly fault: Fault },
): Promise<void> {
  await until(`writes from outside are acknowledged again (${fault.name})`, { withinMs: 60_000 }, () =>
    writers
      .acknowledgements()
      .filter(({ place, at }) => place === 'outside' && at > since)
      .some(({ node, connectedAt }) => node !== primary || (fault.expect === 'recovery' && connectedAt > since)),
  );
}

/** A new base backup makes new files; pg_rewind and a plain restart keep them. `null`: there is none at the moment. */
function directoryIdentity(cluster: Cluster, name: string): string | null {
  try {
    const { ino, birthtimeMs } = statSync(join(cluster.dataOf(name), 'base'));
    return `${ino} ${birthtimeMs}`;
  } catch {
    return null;
  }
}

export interface Setting {
  readonly cluster: Cluster;
  readonly writers: Writers;
  readonly storeLeader: 'on the primary' | 'elsewhere';
}

export interface RoundReport extends WriteReport {
  readonly fault: string;
  readonly primary: string;
  readonly next: string;
  /** How the old primary came back. */
  readonly rejoin: 'kept its data' | 'new copy';
  /** From mending until everybody streams again. */
  readonly rejoinMs: number;
}
