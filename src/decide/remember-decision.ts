import type { Decision } from '../domain/decision.ts';
import type { DesiredPostgres } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import { type MemberName, memberName, storeKey } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { earlier, later, millis } from '../domain/time.ts';
import { heldLock, presentDirectory } from './facts.ts';
import type { End } from './happening.ts';
import { nextBackoffs, withoutOldFailure } from './remember-backoffs.ts';
import { beginOrder, endOrder } from './remember-order.ts';
import { becamePrimary, raceFor, stoppedPrimary } from './remember-role.ts';
import { inherited } from './remember-slots.ts';
import { namesAreWritten } from './remember-sync.ts';
import { leftStarting, type RunTask, taskDone } from './remember-task.ts';
import { remoteUpstream } from './remote-source.ts';
import type { RuleId } from './rules.ts';

/** So often pg_rewind may fail before the directory counts as beyond it. */
const REWIND_ATTEMPTS_MAX = 2;
/** What it failed for may be over then, like a disk that was full. */
const REWIND_AGAIN = millis(60_000);
/** So often a copy may fail to start. */
const STARTS_OF_COPY_MAX = 3;
/** How long a member that gave the lock back because a peer was ahead lets others try. */
const OUTRUN_PAUSE = millis(2_000);
/** How long a leader that handed over leaves the race to others; if nobody takes the lock by then, it may again. */
const HAND_OVER_PAUSE = millis(5_000);

/** A decision is about to be carried out. */
export function rememberStart(m: Memory, o: Observation, decision: Decision): Memory {
  const { action } = decision;
  if (decision.rule === 'wake-receiver') return { ...m, receiverWokenAt: o.now };
  if (decision.rule === 'restart-to-follow') return { ...m, restartedToFollowAt: o.now };
  if (action.kind === 'disarm-guardian') return { ...m, guardianRests: true };
  if (action.kind === 'acquire-lock')
    return { ...m, guardianRests: false, race: raceFor(m, o, decision), backoffs: withoutOldFailure(m, o, decision) };
  if (action.kind === 'adopt-lock') return { ...m, guardianRests: false };
  if (action.kind !== 'run') return m;
  const { task } = action;
  switch (task.kind) {
    case 'stop':
      return {
        ...m,
        // From here on a missing PostgreSQL is no crash, unless it is stopped because it did not come back from one.
        role: m.role === 'primary' || m.role === 'promoted' ? 'demoted' : m.role,
        roleChange: stoppedPrimary(m, o, decision),
        crash: decision.rule === 'start-timeout' ? oneMoreFailure(m, o) : null,
        handOver:
          decision.rule === 'switchover-accepted' ? { candidate: requestedCandidate(o), since: o.now } : m.handOver,
      };
    case 'start':
      return m.crash === null ? m : { ...m, crash: { ...m.crash, attempts: m.crash.attempts + 1 } };
    case 'promote':
      // Pending before the promotion, not after it: nobody may see the new timeline and rewind from us too early.
      return { ...m, role: 'promoted', promise: null, checkpoint: { kind: 'pending', since: o.now } };
    case 'bootstrap':
    case 'clone':
    case 'crash-recovery':
    case 'end-orphans':
    case 'copy-slots':
    case 'remove-data':
    case 'set-aside-data':
      return m;
    case 'rewind':
      return { ...m, backoffs: withoutOldFailure(m, o, decision) };
    case 'restart':
      return { ...m, ...beginOrder(m, decision) };
  }
}

/** A decision was carried out, or could not be. */
export function rememberEnd(m: Memory, o: Observation, decision: Decision, end: End): Memory {
  const noted: Memory = {
    ...m,
    ...endOrder(m, decision, end),
    backoffs: nextBackoffs(m, o, decision, end),
    unavailableSince: beginsAnew(decision, end) ? null : m.unavailableSince,
    stopCutShort: isCutShort(decision, end) || (m.stopCutShort && decision.action.kind !== 'run'),
    ...leftStarting(m, decision, end),
  };
  if (end.kind === 'done') return done(noted, o, decision, end);
  const { action } = decision;
  return failed(action.kind === 'reconfigure' ? filesUnknown(noted, o, action.desired) : noted, o, decision, end);
}

function isCutShort({ action }: Decision, end: End): boolean {
  return action.kind === 'run' && action.task.kind === 'stop' && end.kind === 'failed' && end.cancelled === true;
}

/** What is told to the store, or by a reload to a server that starts, makes it start no sooner; a lock that came, or went, does. */
function beginsAnew({ action }: Decision, end: End): boolean {
  if (action.kind === 'acquire-lock' || action.kind === 'adopt-lock' || action.kind === 'release-lock')
    return end.kind === 'done';
  return action.kind === 'run';
}

function done(m: Memory, o: Observation, decision: Decision, end: Extract<End, { kind: 'done' }>): Memory {
  const { action } = decision;
  switch (action.kind) {
    case 'run':
      // What lies here is to be rewound: nothing of this reign goes on, though its lock does.
      return {
        ...taskDone(decision.rule === 'demote-cluster' ? { ...m, reign: null } : m, action.task, end),
        roleChange: becamePrimary(m, o, decision, action.task),
        // What was stopped because it cannot be promoted is not started for another try while somebody can take over.
        ...(decision.rule === 'promotion-failed' ? { crash: oneMoreFailure(m, o) } : {}),
      };
    case 'reconfigure':
      return {
        ...m,
        applied: action.desired,
        reloadDue: false,
        sync: namesAreWritten(m.sync, o, action.desired),
      };
    case 'write':
      if (action.write.key === storeKey('sync')) return { ...m, sync: { ...m.sync, keySettled: end.revision } };
      return decision.rule === 'win-initialize' && end.revision !== null
        ? { ...m, bootstrap: { kind: 'won', keyRevision: end.revision } }
        : m;
    case 'acquire-lock':
    case 'adopt-lock':
      return end.revision === null
        ? m
        : {
            ...m,
            acquired: {
              createRevision: end.revision,
              at: o.now,
              how: action.kind === 'adopt-lock' ? 'adopted' : 'race',
            },
            released: null,
            yielded: null,
            handOver: null,
            slotSeen: inherited(m, o),
            race: withOutcome(m, action.kind, 'won'),
          };
    case 'release-lock':
      return {
        ...m,
        released: action.createRevision,
        unlockedSince: m.unlockedSince ?? o.now,
        acquired: null,
        crash: null,
        ...afterRelease(m, o, decision),
      };
    case 'stay':
    case 'wait':
    case 'ask-peers':
    case 'ask-history':
    case 'ask-failsafe':
    case 'extend-by-members':
    case 'disarm-guardian':
    case 'cancel-task':
    case 'exit':
      return m;
  }
}

function failed(m: Memory, o: Observation, decision: Decision, end: Extract<End, { kind: 'failed' }>): Memory {
  const { action } = decision;
  if (action.kind === 'acquire-lock') return { ...m, race: withOutcome(m, action.kind, 'failed') };
  const isKeyInDoubt = action.kind === 'write' && action.write.key === storeKey('sync') && end.isPerhaps === true;
  if (isKeyInDoubt) return { ...m, sync: { ...m.sync, keySettled: null } };
  if (action.kind !== 'run') return m;
  if (action.task.kind === 'start' && end.notBegun === true) return withoutAttempt(m);
  if (action.task.kind === 'copy-slots' && end.notBegun === true) return { ...m, slotsNotYet: positionsThere(o) };
  if (action.task.kind === 'restart') return afterRestart(m, o, action.task, end);
  if (startsOfHolder.has(decision.rule)) return { ...m, crash: m.crash ?? oneMoreFailure(m, o) };
  if (action.task.kind === 'bootstrap' && m.bootstrap.kind === 'won') {
    return { ...m, bootstrap: { kind: 'failed', keyRevision: m.bootstrap.keyRevision, reason: end.reason } };
  }
  // Asked for and not seen to happen, it may happen yet: only a promotion that was refused leaves a replica.
  if (action.task.kind === 'promote') {
    if (end.notBegun !== true) return m;
    return { ...m, role: 'replica', vetoedAt: end.vetoed === true ? o.now : m.vetoedAt };
  }
  if (decision.rule === 'switchover-accepted') return { ...m, handOver: null };
  if (decision.rule === 'start-fresh-copy') return afterStartOfCopy(m, o, end);
  if (action.task.kind !== 'rewind' || m.divergence.kind !== 'diverged') return m;
  if (end.cancelled === true || end.notBegun === true) return { ...m, divergence: { kind: 'unchecked' } };
  const attempts = m.backoffs.get(decision.rule)?.failures ?? 1;
  if (attempts < REWIND_ATTEMPTS_MAX) return { ...m, divergence: { kind: 'unchecked' } };
  const { leader, leaderTimeline } = m.divergence;
  const again = later(o.now, REWIND_AGAIN);
  return { ...m, divergence: { kind: 'rewind-failed', leader, leaderTimeline, attempts, again, why: end.reason } };
}

/** What pg_rewind left may need WAL that was removed everywhere: what does not start, again and again, is beyond it. */
function afterStartOfCopy(m: Memory, o: Observation, end: Extract<End, { kind: 'failed' }>): Memory {
  const leader = sourceOfRewind(o);
  const attempts = m.backoffs.get('start-fresh-copy')?.failures ?? 1;
  // A base backup, or what a person restored, is not judged by it: a full disk or a taken port keeps that from starting, too.
  if (!isRewound(m, o) || end.notBegun === true || leader === null || attempts < STARTS_OF_COPY_MAX) return m;
  const why = end.reason;
  return { ...m, divergence: { kind: 'rewind-failed', leader, attempts, why, doesNotStart: true } };
}

/**
 * Also by an agent that was restarted since: pg_rewind writes that state, and a copy of a primary says `in production`
 * until it has begun to recover. A copy of a standby looks so, too: what this agent has copied it knows, and nothing was
 * rewound in a cluster that is being founded. Whom others follow is not judged by it, unless that follows the remote as
 * they do.
 */
function isRewound({ rewound }: Memory, o: Observation): boolean {
  if (rewound !== null) return rewound;
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  const looksSo = directory?.hasBackupLabel === true && directory.control?.state === 'in archive recovery';
  const mayBeSo = latestView(o)?.initialize.kind !== 'in-progress';
  return looksSo && mayBeSo && (heldLock(o) === null || isStandbyCluster(o.dynamic));
}

/** In a standby cluster everybody is rewound from the remote, also while nobody leads. */
function sourceOfRewind(o: Observation): MemberName | null {
  if (!isStandbyCluster(o.dynamic)) return latestView(o)?.lock?.holder ?? null;
  const remote = remoteUpstream(o);
  return remote === null ? null : memberName(remote.member);
}

/** A lock that is adopted was won in no race. */
function withOutcome(m: Memory, kind: Decision['action']['kind'], outcome: 'won' | 'failed'): Memory['race'] {
  return m.race === null || kind !== 'acquire-lock' ? m.race : { ...m.race, outcome };
}

/** Starts under my own lock that no crash has led to: from their failure on it is as if PostgreSQL had crashed. */
const startsOfHolder: ReadonlySet<string> = new Set<RuleId>(['restart-same-reign', 'start-to-promote']);

function positionsThere(o: Observation): Memory['slotsNotYet'] {
  return latestView(o)?.status.slots ?? new Map();
}

/**
 * A primary that does not come back has crashed, and its restart was the one try. One that goes on starting has used up
 * its time: somebody else takes over, if anybody can.
 */
function afterRestart(
  m: Memory,
  o: Observation,
  { desired }: Extract<RunTask, { kind: 'restart' }>,
  end: Extract<End, { kind: 'failed' }>,
): Memory {
  if (desired.standby !== null || end.cancelled === true || end.notBegun === true) return m;
  const failure = oneMoreFailure(m, o);
  const since = end.late === true ? earlier(o.now, o.dynamic.primaryStartTimeout) : failure.since;
  return { ...m, crash: { ...failure, since } };
}

/** A start that was refused, since the lease was too short for it, says nothing of PostgreSQL. */
function withoutAttempt(m: Memory): Memory {
  return m.crash === null ? m : { ...m, crash: { ...m.crash, attempts: Math.max(0, m.crash.attempts - 1) } };
}

function oneMoreFailure(m: Memory, o: Observation): NonNullable<Memory['crash']> {
  return { since: m.crash?.since ?? o.now, attempts: (m.crash?.attempts ?? 0) + 1 };
}

/** Who gave the lock away keeps out of the race for a while, so that the one it was given for can take it. */
function afterRelease(m: Memory, o: Observation, decision: Decision): Partial<Memory> {
  if (decision.rule === 'outrun-after-acquire') return { yielded: { to: null, until: later(o.now, OUTRUN_PAUSE) } };
  const to = m.handOver?.candidate ?? null;
  return { yielded: { to, until: later(o.now, HAND_OVER_PAUSE) } };
}

/** Some of it may have been written, and come into force with whatever reloads next: all is written once more. */
function filesUnknown(m: Memory, o: Observation, desired: DesiredPostgres): Memory {
  return { ...m, applied: null, sync: namesAreWritten(m.sync, o, desired) };
}

function requestedCandidate(o: Observation): NonNullable<Memory['handOver']>['candidate'] {
  return latestView(o)?.failover?.candidate ?? null;
}
