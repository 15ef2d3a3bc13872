import type { ClusterView, Member } from '../domain/cluster-view.ts';
import { deepEqual } from '../domain/deep-equal.ts';
import type { LeaseReport, LockReport } from '../domain/lease.ts';
import type { CurrentUpstream, DataDirectory, PostgresReport, Slot, WalSender } from '../domain/postgres-report.ts';
import { publishedDifference } from '../domain/published-difference.ts';
import { isSameMap } from '../domain/same-map.ts';
import type { AgentState } from './state.ts';

/**
 * Nothing is under way but upkeep, nothing is asked for, and whoever follows streams. It was decided to stay, on a settled
 * picture: that what I publish since is answered and comes with the next one is no news. What time alone makes due has a
 * timer, or is looked for once a loop.
 */
export function isAtPeace(state: AgentState): boolean {
  const server = state.postgres?.server;
  const serves =
    server?.kind === 'primary' || (server?.kind === 'standby' && server.walReceiver?.status === 'streaming');
  return (
    serves &&
    state.decision.action.kind === 'stay' &&
    state.inFlight === null &&
    state.task === null &&
    state.requests.length === 0 &&
    state.storeSilent === null &&
    state.view !== null &&
    state.perhapsWritten === null &&
    state.isDecisionSettled &&
    state.memory.dryUpstreamSince === null &&
    state.awaitsStandbys === 'no'
  );
}

/**
 * Do two pictures of the store differ in nothing but positions in the WAL? In a cluster at peace nearly all do, and
 * nothing is decided by them: whoever asks for a position does so when nobody leads, or once a loop.
 */
export function onlyPositionsMoved(before: ClusterView | null, now: ClusterView | null): boolean {
  return (
    before !== null &&
    now !== null &&
    before.lock !== null &&
    before.lock.modRevision === now.lock?.modRevision &&
    keyRevision(before.config) === keyRevision(now.config) &&
    keyRevision(before.initialize) === keyRevision(now.initialize) &&
    before.failoverKeyRevision === now.failoverKeyRevision &&
    before.syncKeyRevision === now.syncKeyRevision &&
    before.history.modRevision === now.history.modRevision &&
    isSameMap(before.failsafe, now.failsafe) &&
    sameSlots(before.status, now.status) &&
    before.members.length === now.members.length &&
    before.members.every((member, index) => isSameMember(member, now.members[index]))
  );
}

/** The same of two looks at the own server: the same postmaster, with the same streams and slots, further on. */
export function onlyWalMoved(before: PostgresReport | null, now: PostgresReport | null): boolean {
  if (before === null || now === null) return false;
  if (before.process.kind !== 'running' || now.process.kind !== 'running') return false;
  return (
    before.process.pid === now.process.pid &&
    before.process.startedAt === now.process.startedAt &&
    isSameServer(before.server, now.server) &&
    isSameDirectory(before.dataDirectory, now.dataDirectory)
  );
}

/** And of two reports of the heartbeat: the lease lives on, and the lock is proven for longer. */
export function onlyRenewed(before: LeaseReport | null, now: LeaseReport | null): boolean {
  if (before === null || now === null) return false;
  return (
    before.guardian === now.guardian &&
    before.storeTrouble === null &&
    now.storeTrouble === null &&
    before.lease?.id === now.lease?.id &&
    before.lease?.grantedTtl === now.lease?.grantedTtl &&
    isSameLock(before.lock, now.lock) &&
    isSameWatchdog(before.watchdog, now.watchdog)
  );
}

function isSameLock(before: LockReport, now: LockReport): boolean {
  if (before.kind !== 'held' || now.kind !== 'held') return before.kind === 'not-held' && now.kind === 'not-held';
  return (
    before.createRevision === now.createRevision &&
    before.isPromised === undefined &&
    now.isPromised === undefined &&
    before.deadline <= now.deadline
  );
}

function isSameWatchdog(before: LeaseReport['watchdog'], now: LeaseReport['watchdog']): boolean {
  return before === now || (before !== undefined && now !== undefined && deepEqual(before, now));
}

function isSameServer(before: PostgresReport['server'], now: PostgresReport['server']): boolean {
  if (before.kind === 'primary') {
    const isSame = now.kind === 'primary' && before.timeline === now.timeline && before.syncNames === now.syncNames;
    return isSame && isSameService(before, now);
  }
  return (
    before.kind === 'standby' &&
    now.kind === 'standby' &&
    before.timeline === now.timeline &&
    before.replayPaused === now.replayPaused &&
    isSameList(before.insufficient ?? none, now.insufficient ?? none, deepEqual) &&
    before.hasRestoreCommand === now.hasRestoreCommand &&
    before.walReceiver?.status === now.walReceiver?.status &&
    before.walReceiver?.timeline === now.walReceiver?.timeline &&
    isSameUpstream(before.upstream, now.upstream) &&
    isSameService(before, now)
  );
}

const none: readonly string[] = [];

type Service = Pick<Extract<PostgresReport['server'], { kind: 'primary' }>, 'walSenders' | 'slots' | 'pendingRestart'>;

function isSameService(before: Service, now: Service): boolean {
  return (
    isSameList(before.walSenders, now.walSenders, isSameSender) &&
    isSameList(before.slots, now.slots, isSameSlot) &&
    isSameList(before.pendingRestart, now.pendingRestart, deepEqual)
  );
}

function isSameUpstream(before: CurrentUpstream | null, now: CurrentUpstream | null): boolean {
  if (before === null || now === null) return before === now;
  return before.host === now.host && before.port === now.port && before.slot === now.slot;
}

function isSameSender(before: WalSender, now: WalSender): boolean {
  return (
    before.pid === now.pid &&
    before.state === now.state &&
    before.syncState === now.syncState &&
    before.applicationName === now.applicationName
  );
}

function isSameSlot(before: Slot, now: Slot): boolean {
  return before.name === now.name && before.active === now.active && before.type === now.type;
}

function isSameList<T>(before: readonly T[], now: readonly T[], isSame: (before: T, now: T) => boolean): boolean {
  if (before === now) return true;
  if (before.length !== now.length) return false;
  return before.every((each, index) => {
    const other = now[index];
    return other !== undefined && isSame(each, other);
  });
}

function isSameDirectory(before: DataDirectory, now: DataDirectory): boolean {
  if (before.kind !== 'present' || now.kind !== 'present') return false;
  return (
    before.signal === now.signal &&
    before.control?.systemId === now.control?.systemId &&
    before.control?.state === now.control?.state &&
    before.control?.checkpointTimeline === now.control?.checkpointTimeline
  );
}

function keyRevision(key: ClusterView['config'] | ClusterView['initialize']): bigint | null {
  return key.kind === 'absent' ? null : key.modRevision;
}

function isSameMember(before: Member, now: Member | undefined): boolean {
  if (before === now) return true;
  if (now === undefined || before.name !== now.name || before.lease !== now.lease) return false;
  return publishedDifference(before.published, now.published) !== 'much';
}

function sameSlots(before: ClusterView['status'], now: ClusterView['status']): boolean {
  if (before === now) return true;
  if (before.slots.size !== now.slots.size || before.retainSlots.length !== now.retainSlots.length) return false;
  for (const name of before.slots.keys()) if (!now.slots.has(name)) return false;
  return before.retainSlots.every((name, index) => name === now.retainSlots[index]);
}
