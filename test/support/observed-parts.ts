import type { FailoverRequest, Lock } from '../../src/domain/cluster-view.ts';
import type { DesiredPostgres, Upstream } from '../../src/domain/desired-postgres.ts';
import type { LockReport } from '../../src/domain/lease.ts';
import { type Lsn, parseLsn } from '../../src/domain/lsn.ts';
import type { LeaderHistory } from '../../src/domain/memory.ts';
import { leaseId, memberName, revision, slotNameOf, systemId } from '../../src/domain/names.ts';
import type { PeerAnswer } from '../../src/domain/peer.ts';
import type { PostgresProcess, PrimaryAnswer, StandbyAnswer } from '../../src/domain/postgres-report.ts';
import { earlier, type Instant, instant, later, millis, seconds, wallTime } from '../../src/domain/time.ts';
import { type Timeline, timeline } from '../../src/domain/timeline.ts';

export const NOW = instant(1_000_000);
export const WALL_NOW = wallTime(Date.UTC(2026, 8, 1, 12, 0, 0));
export const A = memberName('a');
export const B = memberName('b');
export const C = memberName('c');
/** The creation of the lock that `a` holds, and of one that comes after it. */
export const LOCK = revision(50n);
export const LATER_LOCK = revision(90n);
export const VIEW_REVISION = revision(100n);
export const SYSTEM_ID = '7400000000000000001';
/** Where everybody is. */
export const HEAD = position('0/5000000');
export const TTL = seconds(30);

/** When the peers of `candidate` and `winner` were asked. */
export const JUST_ASKED = earlier(NOW, millis(50));

/** No earlier cluster has left anything in the store. */
export const cleanPlace = {
  status: { lastLsn: null, slots: new Map(), retainSlots: [] },
  history: { kind: 'unusable', modRevision: null },
} as const;

export function held(change: { readonly createRevision?: typeof LOCK; readonly deadline?: Instant } = {}): LockReport {
  return { kind: 'held', createRevision: LOCK, deadline: later(NOW, seconds(25)), ...change };
}

export function doubtful(deadline: Instant = later(NOW, seconds(20))): LockReport {
  return { kind: 'doubtful', deadline, why: 'a proof showed something else' };
}

export function lockOf(holder: string, createRevision = LATER_LOCK, lease = leaseOf(holder)): Lock {
  return { holder: memberName(holder), lease, createRevision, modRevision: createRevision };
}

export function requested(change: Partial<FailoverRequest> = {}): FailoverRequest {
  return { leader: A, candidate: B, schedule: { kind: 'now' }, modRevision: revision(95n), ...change };
}

/** A schedule that many seconds from now. */
export function scheduledIn(span: number): FailoverRequest['schedule'] {
  const at = wallTime(WALL_NOW + span * 1_000);
  return { kind: 'at', at, text: new Date(at).toISOString() };
}

/** A peer's answer, given a moment ago: a streaming standby that has everything. */
export function peer(
  name: string,
  change: Partial<Extract<PeerAnswer, { kind: 'reported' }>> = {},
): Extract<PeerAnswer, { kind: 'reported' }> {
  return {
    kind: 'reported',
    member: memberName(name),
    askedAt: JUST_ASKED,
    recovery: 'standby',
    position: HEAD,
    timeline: branch(3),
    tags: {},
    lookedAgo: null,
    watchdogFailed: false,
    isUnpromised: false,
    ...change,
  };
}

export function silentPeer(name: string, askedAt = JUST_ASKED): Extract<PeerAnswer, { kind: 'no-answer' }> {
  return { kind: 'no-answer', member: memberName(name), askedAt, reason: 'timed out' };
}

/** What `a` says of itself: timeline 4 left timeline 3 at this position. */
export function history(
  change: Partial<Extract<LeaderHistory, { kind: 'known' }>> = {},
  leftAt = HEAD,
): Extract<LeaderHistory, { kind: 'known' }> {
  const id = systemId(SYSTEM_ID);
  if (id === null) throw new Error('the fixture has an identifier');
  return {
    kind: 'known',
    member: A,
    askedAt: NOW,
    inRecovery: false,
    systemId: id,
    sameWal: 'unknown',
    history: { of: branch(4), switches: [{ parent: branch(3), switchedAt: leftAt, reason: 'no recovery target' }] },
    ...change,
  };
}

export function primaryAnswer(change: Partial<PrimaryAnswer> = {}): PrimaryAnswer {
  return {
    kind: 'primary',
    serverVersion: 170_002,
    timeline: branch(3),
    flushLsn: HEAD,
    walSenders: [],
    slots: [],
    pendingRestart: [],
    ...change,
  };
}

export function standbyAnswer(change: Partial<StandbyAnswer> = {}): StandbyAnswer {
  return {
    kind: 'standby',
    serverVersion: 170_002,
    timeline: branch(3),
    receiveLsn: HEAD,
    replayLsn: HEAD,
    replayPaused: false,
    replayedAt: null,
    walReceiver: { status: 'streaming', timeline: branch(3), latestEndLsn: HEAD },
    upstream: { host: '10.0.0.1', port: 5432, slot: slotNameOf(B) },
    hasRestoreCommand: false,
    walSenders: [],
    slots: [],
    pendingRestart: [],
    ...change,
  };
}

/** A standby that lost its stream. */
export function idleStandby(change: Partial<StandbyAnswer> = {}): StandbyAnswer {
  return standbyAnswer({ walReceiver: null, ...change });
}

export function position(text: string): Lsn {
  const found = parseLsn(text);
  if (found === null) throw new Error(`${text} is no position`);
  return found;
}

/** A postmaster that has run for a while. */
export const RUNNING: PostgresProcess = { kind: 'running', pid: 100, startedAt: wallTime(WALL_NOW - 3_600_000) };

export const fromA: Upstream = {
  member: 'a',
  host: '10.0.0.1',
  port: 5432,
  database: 'postgres',
  applicationName: 'b',
};

/** Files that say nothing in particular, for tasks whose files are not the point. */
export const anyFiles: DesiredPostgres = { parameters: {}, hba: null, ident: null, standby: null };

/** That many bytes before everybody's position. */
export function behind(bytes: bigint): Lsn {
  return (HEAD - bytes) as Lsn;
}

export function ahead(bytes: bigint): Lsn {
  return (HEAD + bytes) as Lsn;
}

export function branch(number: number): Timeline {
  const found = timeline(number);
  if (found === null) throw new Error(`${String(number)} is no timeline`);
  return found;
}

/** Each member has one lease. */
export function leaseOf(name: string) {
  return leaseId(`1${String(name.charCodeAt(0))}`);
}
