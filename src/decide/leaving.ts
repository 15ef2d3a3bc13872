import { isVoter, memberOf } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { type Instant, later, latest, millis } from '../domain/time.ts';
import { conclude, run, wait } from './conclude.ts';
import { heldLock } from './facts.ts';
import { lastPosition } from './last-position.ts';
import { hardStopTimeout, leaseDeadline } from './store-loss.ts';

/** How long the last member value may take to reach the store. */
const FAREWELL_LIMIT = millis(1_500);

/**
 * The agent was asked to stop: PostgreSQL first, then the lock with its last position, then the last member value.
 * While the cluster is paused nothing of it is touched: PostgreSQL and the lock stay (spec/ha.md 2.22 Z2).
 */
export function leaving(o: Observation, m: Memory): Decision | null {
  if (m.leaving === null || o.postgres === null) return null;
  if (o.dynamic.pause) return exit('the cluster is paused: PostgreSQL goes on');
  if (o.postgres.process.kind !== 'none') {
    const held = shedding(o, m.leaving);
    if (held !== null) return held;
    const { kind } = o.postgres.server;
    // While the lease is renewed an orderly stop may take its time: cut short, it would lose what no replica has yet.
    const isRenewed = leaseDeadline(o) === null || heldLock(o) !== null;
    const timeout = isRenewed ? o.dynamic.primaryStopTimeout : hardStopTimeout(o);
    const checkpointFirst = kind === 'primary' || kind === 'standby';
    return run('leaving-stop', { kind: 'stop', mode: 'fast', checkpointFirst, timeout }, { server: kind });
  }
  const held = heldLock(o);
  if (held !== null) {
    const lastLsn = lastPosition(o, m);
    return conclude('leaving-release', { kind: 'release-lock', createRevision: held.createRevision, lastLsn });
  }
  // Counted from when PostgreSQL was down and nothing else was left to do, however long that took.
  const until = later(latest(m.leaving, m.unavailableSince ?? o.now), FAREWELL_LIMIT);
  return isFarewellPublished(o) || o.now >= until
    ? exit('handed over')
    : wait('leaving-publish', 'the member value', until);
}

/**
 * A standby that commits wait for is let go before it stops, so that no commit waits for somebody who is gone
 * (spec/ha.md 3.7); but not for ever.
 */
function shedding(o: Observation, since: Instant): Decision | null {
  const view = latestView(o);
  if (o.postgres?.server.kind !== 'standby' || o.store.kind !== 'settled' || view === null) return null;
  const { sync, lock } = view;
  if (o.dynamic.synchronousMode === 'off' || sync === null || !isVoter(sync, o.config.name)) return null;
  const until = later(since, millis(2 * o.timings.loopWait));
  if (sync.leader !== lock?.holder || o.now >= until) return null;
  return wait('leaving-sync-set', `${lock.holder} to wait for others`, until);
}

function isFarewellPublished(o: Observation): boolean {
  const view = latestView(o);
  if (view === null || o.store.kind !== 'settled') return o.store.kind === 'silent';
  return memberOf(view, o.config.name)?.state === 'stopped';
}

function exit(message: string): Decision {
  return conclude('leaving-exit', { kind: 'exit', code: 0, message });
}
