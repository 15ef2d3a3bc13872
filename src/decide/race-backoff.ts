import type { ClusterView } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { earliest, later, latest } from '../domain/time.ts';
import { wait } from './conclude.ts';

/**
 * `primary_race_backoff`: nobody holds the lock, and PostgreSQL here still streams. The primary lives, perhaps without its
 * agent, which may be back in a moment: it gets one loop, and more as long as WAL arrives (spec/ha.md U1). A guardian
 * ends the stream of a leader of our own kind; where there is no stream nobody is waited for.
 */
export function raceBackoff(o: Observation, m: Memory, view: ClusterView): Decision | null {
  const server = o.postgres?.server;
  const { primaryRaceBackoff: span, pause } = o.dynamic;
  const streams = server?.kind === 'standby' && server.walReceiver?.status === 'streaming';
  const isAskedFor = view.failover !== null && view.failover.candidate !== null;
  if (span === undefined || pause || !streams || isAskedFor || isStandbyCluster(o.dynamic) || m.unlockedSince === null)
    return null;
  const since = m.unlockedSince;
  const movedAt = latest(since, m.position?.movedAt ?? since);
  const until = earliest(later(since, span), later(movedAt, o.timings.loopWait));
  return o.now < until ? wait('race-backoff', 'the WAL to cease, or primary_race_backoff to pass', until) : null;
}
