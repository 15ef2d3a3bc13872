import type { Cluster } from './cluster.ts';
import type { Fault } from './faults.ts';
import { letPass, monotonicMs } from './wait.ts';
import { analyse, type WriteReport } from './write-analysis.ts';
import type { Writers } from './writers.ts';

/**
 * The primary is struck, somebody leads again, the fault is mended, and a second later whoever leads by then is struck
 * the same way. Nobody waits for the cluster to be whole in between: the second fault meets it half healed.
 * @param untilSomebodyMayFollow with synchronous replication nobody may follow a leader whose set names nobody yet, or only
 * members that left it; struck in that moment, the cluster rightly waits for the very leader that is gone.
 * @throws when no write is acknowledged within `ttl` and five seconds of either fault.
 */
export async function twoFaultsInARow(
  fault: Fault,
  { cluster, writers }: Scene,
  untilSomebodyMayFollow: (leader: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<SecondFaultReport> {
  const first = await cluster.untilHealthy();
  await writers.untilWrittenSince(monotonicMs());
  const from = monotonicMs();

  await strikeAndMend(fault, { cluster, writers, primary: first });
  await letPass(1_000);
  const second = await cluster.untilPrimary();
  await untilSomebodyMayFollow(second);
  const ledAfterMs = await strikeAndMend(fault, { cluster, writers, primary: second });

  const last = await cluster.untilHealthy();
  const to = monotonicMs();
  await writers.untilWrittenSince(to);
  const present = await writers.rowsOn(last);
  return { struck: [first, second], last, ledAfterMs, ...analyse(writers.acknowledgements(), { from, to, present }) };
}

/** One line for people. */
export function secondFaultLine({ struck, last, ledAfterMs, late, lost }: SecondFaultReport): string {
  return [
    `two in a row: ${[...struck, last].join(' -> ')}`,
    `writes again ${(ledAfterMs / 1000).toFixed(2)} s after the second`,
    `${late.length} late, ${lost.length} lost`,
  ].join('; ');
}

/** @returns how long after the fault the next write was acknowledged by somebody else. */
async function strikeAndMend(fault: Fault, scene: Scene & { readonly primary: string }): Promise<number> {
  const { cluster, writers, primary } = scene;
  const struckAt = monotonicMs();
  await fault.strike(scene);
  try {
    const again = await writers.untilWrittenBy((node) => node !== primary, {
      since: struckAt,
      withinMs: cluster.timings.ttl * 1000 + 5_000,
    });
    return again.at - struckAt;
  } finally {
    await fault.mend(scene);
  }
}

interface Scene {
  readonly cluster: Cluster;
  readonly writers: Writers;
}

interface SecondFaultReport extends WriteReport {
  /** Who was primary when it was struck, each time. */
  readonly struck: readonly [string, string];
  readonly last: string;
  readonly ledAfterMs: number;
}
