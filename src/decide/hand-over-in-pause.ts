import type { ClusterView } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { run, wait } from './conclude.ts';
import { crashedPrimary } from './crashed-primary.ts';
import { desiredStandby } from './desired-postgres.ts';
import { dueRequest } from './due-request.ts';
import { leaderName } from './facts.ts';
import { isUnread, lastPosition } from './last-position.ts';
import { ownLock } from './own-lock.ts';
import { NO_PATIENCE, releaseWithoutData } from './release-without-data.ts';
import { whileStarting } from './remote-source.ts';
import { type Successor, successor } from './successor.ts';
import { wantedUpstream } from './whom-to-follow.ts';

/**
 * The cluster is paused, and PostgreSQL was stopped for a switchover: the operator's own hand, which is carried out to its end.
 * Only whom a request names takes the lock then, so it is given up for nobody else: a primary goes on where the pause came
 * after the stop was begun, and the request names nobody or counts only after it, or where whom it names is gone.
 * Where nobody took the lock all the same, PostgreSQL serves reads, and whoever lacks something gets it.
 */
export function handOverInPause(o: Observation, m: Memory, view: ClusterView): Decision {
  const leader = leaderName(o, m);
  if (leader === o.config.name) return withLock(o, m, view);
  const until = m.yielded?.until ?? o.now;
  if (leader === null && o.now < until) return wait('pause-leave-alone', 'the successor to take the lock', until);
  const desired = desiredStandby(o, whileStarting(o, wantedUpstream(o, m)));
  const rule = leader === null ? 'start-without-leader' : 'start-follow';
  return run(rule, { kind: 'start', desired, timeout: o.effective.startTimeout });
}

function withLock(o: Observation, m: Memory, view: ClusterView): Decision {
  if (isUnread(o) && lastPosition(o, m) === null)
    return wait('pause-leave-alone', 'the control file, which tells how far I was');
  const heir = heirInPause(o, m, view);
  if (heir.kind === 'ask') return heir.decision;
  const next = heir.kind === 'found' ? handOver(o, m) : goOn(o, m);
  return next ?? wait('pause-leave-alone', 'the disk, or the end of the pause');
}

function heirInPause(o: Observation, m: Memory, view: ClusterView): Successor {
  const request = dueRequest(o, m, view);
  if (request === null || request.candidate === null) return { kind: 'none', refused: [] };
  const { candidate, leader } = request;
  const wish = { candidate, except: null, isManual: leader === null, lastLsn: lastPosition(o, m) };
  return successor(o, wish, 'switchover-ask');
}

/** Whoever led without what was written last would lose it, and in a pause nobody hurries: the disk may take its time. */
function handOver(o: Observation, m: Memory): Decision | null {
  return isUnread(o) ? releaseWithoutData(o, m, NO_PATIENCE) : (crashedPrimary(o, m) ?? ownLock(o, m));
}

/** As after a crash: the very lock of its reign was nobody else's. */
function goOn(o: Observation, m: Memory): Decision | null {
  const alone = { ...m, handOver: null };
  return crashedPrimary(o, alone) ?? ownLock(o, alone);
}
