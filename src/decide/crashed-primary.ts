import type { Member } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { Revision } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import type { Instant } from '../domain/time.ts';
import { peersOf } from './campaign.ts';
import { conclude, run, wait } from './conclude.ts';
import { desiredStandby, upstreamOf } from './desired-postgres.ts';
import { controlData, heldLock, neverWasConsistent, presentDirectory } from './facts.ts';
import { lastPosition, lastPositionUnder } from './last-position.ts';
import { leaseLacks, PRIMARY_SAFETY } from './lease-safety.ts';
import { awaitPeers } from './peers.ts';
import { keyToSettle, primaryToStart } from './primary-to-start.ts';
import { NO_PATIENCE, releaseWithoutData } from './release-without-data.ts';
import { isRemediable } from './remedy.ts';
import { STARTS } from './remember-backoffs.ts';
import { successor } from './successor.ts';

/** Starts in place that may fail before leadership is given up, when somebody else can take over. */
const ATTEMPTS_MAX = 1;

/**
 * The lock is mine and PostgreSQL is down. When is a crashed primary restarted in place? While its own reign lasts:
 * the very lock under which it was primary was never anybody else's, so nothing can have diverged from it.
 */
export function crashedPrimary(o: Observation, m: Memory): Decision | null {
  const held = heldLock(o);
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  if (held === null || directory === null || o.postgres?.process.kind !== 'none') return null;
  // A store that was restored may give the lock back to whoever was being rewound: it waits for somebody who leads.
  if (directory.isHalfRewound === true) return releaseWithoutData(o, m, NO_PATIENCE);
  if (m.handOver !== null) return handOver(o, m, held.createRevision);
  if (isStandbyCluster(o.dynamic)) return standbyLeaderDown(o, m, held.createRevision);
  const isSameLock = m.reign === held.createRevision && directory.signal === 'none';
  const since = isSameLock ? takenUpAgainAt(m) : null;
  const pending = since === null ? null : awaitPeers(o, others(o, m), { since, rule: 'ask-peers' });
  if (pending !== null) return pending;
  const isOwnReign = isSameLock && (since === null || !isOutrun(o, m, since));
  const attempts = m.crash?.attempts ?? 0;
  const timeout = o.dynamic.primaryStartTimeout;
  if ((isOwnReign && timeout === 0) || attempts >= ATTEMPTS_MAX) {
    const giveUp = giveUpFor(o, m, held.createRevision);
    if (giveUp !== null) return giveUp;
  }
  if (!isOwnReign) {
    const needsSource = neverWasConsistent(directory);
    const giveUp = needsSource ? giveUpFor(o, m, held.createRevision) : null;
    if (giveUp !== null) return giveUp;
    const upstream = needsSource ? itsSource(o, m) : null;
    return run(
      'start-to-promote',
      { kind: 'start', desired: desiredStandby(o, upstream), timeout: o.effective.startTimeout },
      { upstream: upstream?.member ?? null },
    );
  }
  const lacking = leaseLacks(o);
  if (lacking !== null) return wait('lease-too-short-to-start', lacking);
  const unsettled = keyToSettle(o, m);
  if (unsettled !== null) return unsettled;
  const start = {
    kind: 'start',
    desired: primaryToStart(o, m),
    timeout: timeout === 0 ? o.effective.startTimeout : timeout,
    safety: PRIMARY_SAFETY,
  } as const;
  if (m.crash === null) return run('restart-same-reign', start);
  return run(attempts >= ATTEMPTS_MAX ? 'keep-trying-alone' : 'restart-in-place', start, {
    attempt: attempts + 1,
    control: controlData(o)?.state ?? null,
  });
}

/**
 * A copy, or what was rewound, may need WAL of its source to become consistent: that may have it also where a store that was
 * restored has the lead taken from it. `null`: it tries alone.
 */
function itsSource(o: Observation, { rewoundFrom, copiedFrom }: Memory): Upstream | null {
  const source = latestView(o)?.members.find(({ name }) => name === (rewoundFrom ?? copiedFrom));
  return upstreamOf(o, source ?? null);
}

/**
 * A lock that only bears my name may have come back with a backup of the store, from before somebody else led: where
 * PostgreSQL was down when it was taken up again, the others are asked. One that crashes later asks nobody.
 */
function takenUpAgainAt({ acquired, position }: Memory): Instant | null {
  if (acquired?.how !== 'adopted') return null;
  return position === null || position.at < acquired.at ? acquired.at : null;
}

/** Somebody was promoted since I led: what lies here is started as a standby, and all are asked once more. */
function isOutrun(o: Observation, m: Memory, since: Instant): boolean {
  const own = m.position?.timeline ?? null;
  return others(o, m).some(({ name }) => {
    const answer = o.peers.get(name);
    if (answer?.kind !== 'reported' || answer.askedAt < since || answer.timeline === null) return false;
    return own === null || answer.timeline > own;
  });
}

function others(o: Observation, m: Memory): readonly Member[] {
  const view = latestView(o);
  return view === null ? [] : peersOf(o, m, view);
}

/**
 * A standby leader is started again like any standby (spec/ha.md R7). Where that failed, or needs a person, the lock goes to
 * whoever can take it (J2).
 */
function standbyLeaderDown(o: Observation, m: Memory, createRevision: Revision): Decision | null {
  const { kind } = m.divergence;
  const isParted = kind === 'rewind-failed' || (kind === 'diverged' && !isRemediable(o, m.divergence));
  const isStuck = isParted || kind === 'starved' || STARTS.some((rule) => m.backoffs.has(rule));
  return isStuck ? giveUpFor(o, m, createRevision) : null;
}

/** `null`: nobody could take over, so keep trying here. */
function giveUpFor(o: Observation, m: Memory, createRevision: Revision): Decision | null {
  const lastLsn = lastPositionUnder(createRevision, o, m);
  const next = successor(o, { candidate: null, except: null, lastLsn });
  if (next.kind === 'ask') return next.decision;
  if (next.kind === 'none') return null;
  return conclude(
    'give-up-crashed-primary',
    { kind: 'release-lock', createRevision, lastLsn },
    { successor: next.name },
  );
}

/** A switchover stopped PostgreSQL: the lock follows, with the position that the successor must have. */
function handOver(o: Observation, m: Memory, createRevision: Revision): Decision {
  return conclude('switchover-release', { kind: 'release-lock', createRevision, lastLsn: lastPosition(o, m) });
}
