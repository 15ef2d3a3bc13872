import type { FailsafeMembers } from '../domain/failsafe.ts';
import { memberRole } from '../domain/member-state.ts';
import type { Divergence, Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { type PostgresReport, standbyPosition } from '../domain/postgres-report.ts';
import { type Instant, later, millis } from '../domain/time.ts';
import { rememberDryUpstream } from './cascade.ts';
import { isUpstream } from './desired-postgres.ts';
import { divergence } from './divergence.ts';
import { heldLock, isPrimary, presentDirectory } from './facts.ts';
import { promiseLasts } from './failsafe.ts';
import { whoHandedOver } from './handed-over.ts';
import type { Happening } from './happening.ts';
import { rememberShutDown } from './last-position.ts';
import { isRewoundAgain } from './remedy.ts';
import { withoutStarts } from './remember-backoffs.ts';
import { rememberEnd, rememberStart } from './remember-decision.ts';
import { keepOrders } from './remember-order.ts';
import { wasPrimarys, withParting } from './remember-parting.ts';
import { firstFound, foundHere } from './remember-slots.ts';
import { noSyncMemory, rememberNames } from './remember-sync.ts';
import { rememberView } from './remember-view.ts';
import { comparable } from './remote-source.ts';
import { unprovenSince } from './store-loss.ts';
import { leavesUpstream } from './whom-to-follow.ts';

/** The empty memory of an agent that has just started. */
export function emptyMemory(startedAt: Instant): Memory {
  return {
    startedAt,
    foundPrimary: null,
    role: 'unknown',
    lastHolder: null,
    unlockedSince: null,
    unlockedAt: null,
    position: null,
    bootstrap: { kind: 'none' },
    initializeAbandonedSince: null,
    divergence: { kind: 'unchecked' },
    parted: null,
    ledOn: null,
    dryUpstreamSince: null,
    crash: null,
    unavailableSince: null,
    unprovenSince: null,
    backoffs: new Map(),
    // Nobody may rewind from a primary that was found running before it is known to have checkpointed.
    checkpoint: { kind: 'pending', since: startedAt },
    reign: null,
    acquired: null,
    released: null,
    lockContinuity: { kind: 'unknown' },
    yielded: null,
    handOver: null,
    shutDownAt: null,
    promise: null,
    failsafeSent: null,
    guardianRests: false,
    vetoedAt: null,
    wasPaused: false,
    resumedAt: null,
    slotSeen: new Map(),
    slotsFound: null,
    slotsUnusable: new Set(),
    slotsNotYet: new Map(),
    slotsSafe: new Set(),
    leaving: null,
    order: null,
    restartEnd: null,
    scheduledRestart: null,
    applied: null,
    reloadDue: false,
    rewound: null,
    copiedFrom: null,
    stopCutShort: false,
    rewoundFrom: null,
    sync: noSyncMemory,
    restartedToFollowAt: null,
    receiverWokenAt: null,
    longestTtl: null,
    lockLease: null,
    lockEnd: null,
    race: null,
    roleChange: null,
  };
}

/** The only function that changes what the agent remembers. Pure. */
export function remember(m: Memory, o: Observation, happening: Happening): Memory {
  return withParting(changed(m, o, happening), o);
}

function changed(m: Memory, o: Observation, happening: Happening): Memory {
  switch (happening.kind) {
    case 'report':
      return withOrders(afterReport(m, o), o);
    case 'view':
      // It may end a pause, or the creation of the cluster: the lock is to be proven from then on.
      return withOrders(withProof(rememberView(m, o, happening.gapless), o), o);
    case 'lease':
      return withReign(withProof(m, o), o);
    case 'history':
      return afterHistory(m, o);
    case 'started':
      return rememberStart(m, o, happening.decision);
    case 'ended':
      return rememberEnd(m, o, happening.decision, happening.end);
    case 'failsafe-promised': {
      const { name, ttl, slots } = happening.call;
      return { ...m, promise: { to: name, until: later(o.now, promiseLasts(o, ttl)), slots } };
    }
    case 'ordered':
      return { ...m, order: happening.order };
    case 'restart-scheduled':
      return { ...m, scheduledRestart: happening.restart };
    case 'failsafe-sent':
      return { ...m, failsafeSent: listsSent(m, o, happening.members) };
    case 'checkpoint-started':
      return { ...m, checkpoint: { kind: 'running', since: o.now } };
    case 'checkpoint-ended':
      // One that was begun before the last promotion says nothing about the new timeline.
      if (m.checkpoint.kind !== 'running') return m;
      return { ...m, checkpoint: happening.done ? { kind: 'done' } : { kind: 'pending', since: o.now } };
    case 'slots-judged': {
      const { safe, unusable } = happening;
      if (safe.length + unusable.length === 0) return m;
      const slotsUnusable = new Set([...m.slotsUnusable, ...unusable]);
      return { ...m, slotsUnusable, slotsSafe: new Set([...m.slotsSafe, ...safe]) };
    }
    case 'reload-requested':
      return { ...m, reloadDue: true };
    case 'stop-requested':
      return m.leaving === null ? { ...m, leaving: o.now } : m;
  }
}

function afterReport(m: Memory, o: Observation): Memory {
  const report = o.postgres;
  if (report === null) return m;
  const { server, process, dataDirectory: directory } = report;
  const role = memberRole(o, m);
  const wasRunningPrimary = m.role === 'primary' || m.role === 'promoted';
  const isGone = process.kind !== 'running' && directory.kind === 'present';
  const answers = server.kind === 'primary' || server.kind === 'standby';
  const next: Memory = {
    ...m,
    foundPrimary: m.foundPrimary ?? (directory.kind === 'present' ? directory.signal === 'none' : null),
    ledOn: m.foundPrimary === null && m.rewound === null && wasPrimarys(directory) ? 'newest' : m.ledOn,
    role,
    position: positionOf(m, o) ?? m.position,
    crash: answers
      ? null
      : (m.crash ?? (wasRunningPrimary && isGone && o.task === null ? { since: o.now, attempts: 0 } : null)),
    unavailableSince: answers || o.task !== null ? null : (m.unavailableSince ?? o.now),
    backoffs: answers && o.task === null ? withoutStarts(m) : m.backoffs,
    // Consistent once, it needs nobody to be so again.
    rewound: answers ? null : m.rewound,
    copiedFrom: answers ? null : m.copiedFrom,
    stopCutShort: m.stopCutShort && !o.postgresIsCurrent,
    rewoundFrom: answers ? null : m.rewoundFrom,
    divergence: server.kind === 'standby' ? standbyFits(m, o) : m.divergence,
    dryUpstreamSince: rememberDryUpstream(m, o),
    // Over once PostgreSQL is back, as a replica of the successor or as a primary that nobody succeeded.
    handOver: answers && o.task === null && o.postgresIsCurrent ? null : m.handOver,
    shutDownAt: rememberShutDown(m, o),
    checkpoint: m.checkpoint.kind === 'pending' ? checkpointFound(m, o) : m.checkpoint,
    sync: rememberNames(m, o),
    slotsFound: m.slotsFound ?? firstFound(o),
  };
  return withReign(withProof(next, o), o);
}

/** It accepts connections: all that was copied is replayed, and pg_rewind may do now what it could not before. */
function standbyFits(m: Memory, o: Observation): Memory['divergence'] {
  const found = streamingFits(m, o);
  const isOver =
    (found.kind === 'rewind-failed' && found.beforeBackupEnd === true) ||
    (found.kind === 'starved' && found.isUncompared === true);
  return isOver ? { kind: 'unchecked' } : found;
}

/** A standby that streams from the leader itself fits its history, whatever was thought before. */
function streamingFits(m: Memory, o: Observation): Memory['divergence'] {
  const server = o.postgres?.server;
  if (server?.kind !== 'standby' || server.walReceiver?.status !== 'streaming') return m.divergence;
  const from = comparable(o, m).find(({ at }) => isUpstream(server.upstream, at));
  const streamed = server.walReceiver.timeline ?? server.timeline;
  return from === undefined || streamed === null
    ? m.divergence
    : { kind: 'fits', leader: from.name, leaderTimeline: streamed };
}

/** A primary whose control file is on its timeline has checkpointed there, whoever asked for it. */
function checkpointFound(m: Memory, o: Observation): Memory['checkpoint'] {
  const report = o.postgres;
  if (report?.server.kind !== 'primary') return m.checkpoint;
  const written = presentDirectory(report)?.control?.checkpointTimeline;
  return written === report.server.timeline ? { kind: 'done' } : m.checkpoint;
}

function positionOf(m: Memory, o: Observation): Memory['position'] {
  const server = o.postgres?.server;
  if (server?.kind !== 'primary' && server?.kind !== 'standby') return null;
  const lsn = server.kind === 'primary' ? server.flushLsn : standbyPosition(server);
  if (lsn === null) return null;
  const movedAt = m.position?.lsn === lsn ? m.position.movedAt : o.now;
  return { lsn, timeline: server.timeline, at: o.now, movedAt };
}

/** PostgreSQL is a primary under this very lock. */
function withReign(m: Memory, o: Observation): Memory {
  const held = heldLock(o);
  if (held === null || !isPrimary(o) || m.reign === held.createRevision) return m;
  return { ...m, reign: held.createRevision, slotSeen: foundHere(m, o) };
}

/** What was sent before, over the same list, may be stored yet; what was sent over an earlier one comes too late. */
function listsSent({ failsafeSent: before }: Memory, o: Observation, sent: FailsafeMembers): Memory['failsafeSent'] {
  const over = latestView(o)?.failsafeKeyRevision ?? null;
  const members = before?.over === over ? new Map([...before.members, ...sent]) : sent;
  return { members, over };
}

function withProof(m: Memory, o: Observation): Memory {
  const since = unprovenSince(o, m);
  return since === m.unprovenSince ? m : { ...m, unprovenSince: since };
}

function withOrders(m: Memory, o: Observation): Memory {
  const { order, scheduledRestart } = keepOrders(m, o);
  return order === m.order && scheduledRestart === m.scheduledRestart ? m : { ...m, order, scheduledRestart };
}

/** Looks are two and a half seconds apart at most, and hardly take longer than that. */
const LOOK_HOLDS = millis(5_000);

function afterHistory(m: Memory, o: Observation): Memory {
  const { postgres, leaderHistory: answer } = o;
  if (postgres === null || answer === null) return m;
  const { member } = answer;
  if (member !== whoHandedOver(o, m)?.name && comparable(o, m).every(({ name }) => name !== member)) return m;
  if (mayHaveGoneOn(o, m, postgres)) return m;
  const found = divergence(postgres, answer, member);
  return found.kind === 'unchecked' || isFinal(m.divergence, o, found) ? m : { ...m, divergence: found };
}

/**
 * A standby may have turned to another timeline since the last look, while this agent stood still; or it may do so at any
 * moment, where its receiver still is, or can be, connected to somebody whom it is to leave (`whom-to-follow.ts`).
 */
function mayHaveGoneOn(o: Observation, m: Memory, { server, observedAt }: PostgresReport): boolean {
  if (server.kind !== 'standby') return false;
  return leavesUpstream(o, m, server) || o.now >= later(observedAt, LOOK_HOLDS);
}

/**
 * Found diverged once more, what is beyond rewinding stays so until a rewind is due again; else only WAL that is known to be
 * the same speaks against it. That one lacks WAL shows where a server waits for it.
 */
function isFinal(verdict: Divergence, o: Observation, found: Divergence): boolean {
  if (verdict.kind === 'starved') return o.postgres?.process.kind === 'none' && found.kind === 'fits';
  if (verdict.kind !== 'rewind-failed' || isRewoundAgain(o, verdict)) return false;
  const isSame = o.leaderHistory?.kind === 'known' && o.leaderHistory.sameWal === 'same';
  // What was rewound fits, and does not start all the same.
  return verdict.doesNotStart === true || !isSame || (found.kind !== 'fits' && found.kind !== 'starved');
}
