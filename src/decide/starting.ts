import type { Decision } from '../domain/decision.ts';
import { sameDesired } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { later } from '../domain/time.ts';
import { conclude, run, wait } from './conclude.ts';
import { desiredStandby } from './desired-postgres.ts';
import { heldLock, presentDirectory } from './facts.ts';
import { stuckStart } from './stuck-start.ts';
import { successor } from './successor.ts';
import { startsForLong, upstreamUntilConsistent, wantedUpstream } from './whom-to-follow.ts';

/** PostgreSQL runs and gives no answer that helps: it is starting, shutting down, recovering, or hung. */
export function starting(o: Observation, m: Memory): Decision | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'rejecting' && server?.kind !== 'silent' && !isJustBorn(o)) return null;
  // Counted from the crash, if there was one: a start that took its time has used up that much.
  const since = m.crash?.since ?? m.unavailableSince ?? o.now;
  const giveUpAt = later(since, o.dynamic.primaryStartTimeout);
  if (heldLock(o) !== null && o.now >= giveUpAt) {
    const next = successor(o, { except: null, candidate: null });
    if (next.kind === 'ask') return next.decision;
    if (next.kind === 'found') {
      return run(
        'start-timeout',
        { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: o.timings.retryTimeout },
        { successor: next.name },
      );
    }
  }
  const redirected = otherUpstream(o, m);
  if (redirected !== null) return redirected;
  const stuck = stuckStart(o, m);
  if (stuck !== null) return stuck;
  const until = o.now < giveUpAt ? giveUpAt : null;
  return server?.kind === 'silent'
    ? wait('silent-server', 'PostgreSQL to answer', until)
    : wait('still-starting', 'PostgreSQL to accept connections', until);
}

/** A standby that cannot become consistent without WAL must not wait for an upstream that is none any more. */
function otherUpstream(o: Observation, m: Memory): Decision | null {
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  const wanted = wantedUpstream(o, m);
  const first = upstreamUntilConsistent(o, m);
  if (o.postgres?.server.kind !== 'rejecting' || directory?.signal !== 'standby' || wanted === null) return null;
  const { applied } = m;
  const isLong = startsForLong(o, m);
  const accepted = isLong ? [first] : [wanted, first];
  const isRight = accepted.some((each) => applied !== null && sameDesired(applied, desiredStandby(o, each)));
  if (isRight) return null;
  const upstream = applied === null || isLong ? (first ?? wanted) : wanted;
  const desired = desiredStandby(o, upstream);
  return conclude('change-upstream', { kind: 'reconfigure', desired }, { to: upstream.member });
}

/** A process without a server that answers at all: its socket is not open yet. */
function isJustBorn(o: Observation): boolean {
  return o.postgres?.process.kind === 'running' && o.postgres.server.kind === 'down';
}
