import type { End, Happening } from '../decide/happening.ts';
import { remember } from '../decide/remember.ts';
import { acceptDynamic } from '../domain/accept-dynamic.ts';
import type { AgentConfig, EffectivePostgres } from '../domain/agent-config.ts';
import type { ClusterView } from '../domain/cluster-view.ts';
import { deepEqual } from '../domain/deep-equal.ts';
import type { DynamicConfig } from '../domain/dynamic-config.ts';
import { effectiveUnder } from '../domain/effective-postgres.ts';
import type { LockReport } from '../domain/lease.ts';
import type { Revision } from '../domain/names.ts';
import { remoteReplicaMethods } from '../domain/standby-cluster.ts';
import type { WriteOutcome } from '../domain/store-write.ts';
import type { TaskOutcome } from '../domain/task.ts';
import { later, millis } from '../domain/time.ts';
import { correctTimings } from '../domain/timings.ts';
import type { AgentEvent, AgentTimer } from '../ports/events.ts';
import type { LockCommandOutcome } from '../ports/heartbeat.ts';
import { observe } from './observe.ts';
import { admitted } from './pending-request.ts';
import type { AgentState } from './state.ts';

/** How long upkeep that was refused or unanswered rests. */
const UPKEEP_REST = millis(1_000);

/** Fold one event into what is known. Decides nothing. */
export function absorb(before: AgentState, event: AgentEvent): AgentState {
  // What comes all the time makes one new state.
  if (event.kind === 'view') return afterView(before, event);
  if (event.kind === 'postgres') return looked(before, event);
  const state: AgentState = { ...before, now: event.at, wallNow: event.wallAt };
  switch (event.kind) {
    case 'started':
      return state;
    case 'timer':
      return { ...state, timers: withoutTimer(state.timers, event.name) };
    case 'lease':
      return remembering({ ...state, lease: event.report }, { kind: 'lease' });
    case 'store-silent':
      return { ...state, storeSilent: state.storeSilent ?? { since: state.now, reason: event.reason } };
    case 'write-answered':
      return writeAnswered(state, event.id, event.outcome);
    case 'lock-answered':
      return lockAnswered(state, event.id, event.outcome);
    case 'task-progress':
      return state.task?.id === event.id ? { ...state, task: { ...state.task, note: event.note } } : state;
    case 'task-milestone':
      return state;
    case 'task-ended':
      return taskEnded(state, event.id, event.outcome);
    case 'checkpoint-ended':
      return remembering(upkeepEnded(state, event.id, event.outcome.kind === 'done' ? null : reasonOf(event.outcome)), {
        kind: 'checkpoint-ended',
        done: event.outcome.kind === 'done',
      });
    case 'reconfigured':
      return decisionEnded({ ...state, lookAfter: state.now }, event.id, taskEnd(event.outcome));
    case 'slots-managed':
      return slotsManaged(state, event.id, event.outcome);
    case 'peer-answered':
      return { ...state, peers: new Map(state.peers).set(event.answer.member, event.answer) };
    case 'failsafe-answered':
      return failsafeAnswered(state, event);
    case 'history-answered':
      return historyAnswered(state, event.answer);
    case 'request':
      return withRequest(state, event);
    case 'config-reloaded':
      return remembering(withConfig(state, event.config), { kind: 'reload-requested' });
    case 'stop-requested':
      return remembering(state, { kind: 'stop-requested' });
  }
}

function remembering(state: AgentState, happening: Happening): AgentState {
  const memory = remember(state.memory, observe(state), happening);
  return memory === state.memory ? state : { ...state, memory };
}

function withRequest(state: AgentState, { id, request, at }: Extract<AgentEvent, { kind: 'request' }>): AgentState {
  const pending = admitted({ id, request, receivedAt: at }, state.timings.retryTimeout);
  return { ...state, requests: [...state.requests, pending] };
}

function withoutTimer({ loop, wake }: AgentState['timers'], name: AgentTimer): AgentState['timers'] {
  return name === 'loop' ? { loop: null, wake } : { loop, wake: null };
}

function afterView(before: AgentState, event: Extract<AgentEvent, { kind: 'view' }>): AgentState {
  const { view, gapless, at: now, wallAt: wallNow } = event;
  // A picture that was under way when a newer one arrived shows the past.
  const isOlder = before.view !== null && view.revision < before.view.revision;
  if (isOlder && (before.storeSilent === null || gapless)) return { ...before, now, wallNow };
  // After a silence it is another store, or a restored one: what was known by its revisions is void.
  const known = isOlder || hasForgotten(before, view) ? withoutRevisions(before) : before;
  const dynamic = acceptDynamic(before.dynamic, view.config);
  const seen: AgentState = {
    ...known,
    now,
    wallNow,
    dynamic,
    timings: timingsFor(dynamic, view),
    effective: effectiveBy(before, dynamic),
    view,
    viewAt: now,
    viewWallAt: wallNow,
    lockChangedAt: isSameLock(before.view, view) ? before.lockChangedAt : now,
    storeSilent: null,
    perhapsWritten: null,
    lookAfter: raceBegins(before, view) ? now : before.lookAfter,
  };
  return remembering(seen, { kind: 'view', gapless });
}

/**
 * The first picture after a silence is one that was read. If it lacks a write of mine that was answered before, the store
 * went back; the last picture need not show that, it may be older than the write.
 */
function hasForgotten({ ownRevision, ownRevisionAt, storeSilent }: AgentState, view: ClusterView): boolean {
  if (ownRevision === null || ownRevisionAt === null || storeSilent === null) return false;
  return view.revision < ownRevision && ownRevisionAt <= storeSilent.since;
}

function withoutRevisions(state: AgentState): AgentState {
  const { lastHolder } = state.memory;
  const memory = {
    ...state.memory,
    lastHolder:
      lastHolder === null ? null : { name: lastHolder.name, members: lastHolder.members, seenAt: lastHolder.seenAt },
    released: null,
    acquired: null,
    reign: null,
    lockContinuity: { kind: 'unknown' } as const,
  };
  return { ...state, ownRevision: null, ownRevisionAt: null, memory };
}

function isSameLock(before: ClusterView | null, now: ClusterView): boolean {
  return before?.lock?.createRevision === now.lock?.createRevision;
}

/** The lock has just gone and a standby runs here: its position of a second ago is not what it has now. */
function raceBegins(state: AgentState, view: ClusterView): boolean {
  const wasLocked = state.view?.lock !== undefined && state.view.lock !== null;
  return wasLocked && view.lock === null && state.postgres?.server.kind === 'standby';
}

/** The same object unless the dynamic configuration says something else of PostgreSQL. */
function effectiveBy({ config, dynamic: before, effective }: AgentState, now: DynamicConfig): EffectivePostgres {
  return concernsPostgres(before, now) ? effectiveUnder(config, now).effective : effective;
}

function concernsPostgres(before: DynamicConfig, now: DynamicConfig): boolean {
  if (before === now) return false;
  return (
    !deepEqual(now.postgresql, before.postgresql) || !deepEqual(remoteReplicaMethods(now), remoteReplicaMethods(before))
  );
}

function withConfig(state: AgentState, config: AgentConfig): AgentState {
  const { dynamic, view } = state;
  return { ...state, config, timings: timingsFor(dynamic, view), effective: effectiveUnder(config, dynamic).effective };
}

/** Timings depend on who else is in the cluster. */
function timingsFor(dynamic: DynamicConfig, view: ClusterView | null): AgentState['timings'] {
  return correctTimings(dynamic, { foreignMemberPresent: hasForeignMember(view) });
}

/** Timings then keep to Patroni's minimums. */
export function hasForeignMember(view: ClusterView | null): boolean {
  return view?.members.some((each) => each.agent === 'foreign') ?? false;
}

function looked(before: AgentState, event: Extract<AgentEvent, { kind: 'postgres' }>): AgentState {
  const { report, at: now, wallAt: wallNow } = event;
  // The next look is planned anew once it was due.
  const lookAt = before.lookAt !== null && report.observedAt >= before.lookAt ? null : before.lookAt;
  // A look that began before the last task ended shows a PostgreSQL that is no more.
  if (report.observedAt < before.lookAfter) return { ...before, now, wallNow, lookAt };
  return remembering({ ...before, now, wallNow, lookAt, postgres: report }, { kind: 'report' });
}

function writeAnswered(state: AgentState, id: number, outcome: WriteOutcome): AgentState {
  const reason = outcome.kind === 'written' || outcome.kind === 'conflict' ? null : writeProblem(outcome);
  const perhaps = outcome.kind === 'no-answer' ? outcome.reason : state.perhapsWritten;
  const revision = 'revision' in outcome ? outcome.revision : null;
  const seen = withOwnRevision(
    perhaps === state.perhapsWritten ? state : { ...state, perhapsWritten: perhaps },
    revision,
  );
  if (state.upkeepInFlight.has(id)) {
    const isRefused = outcome.kind === 'refused' || (outcome.kind === 'no-answer' && outcome.isRefused === true);
    return upkeepEnded(seen, id, outcome.kind === 'conflict' ? 'the store had changed' : reason, { isRefused });
  }
  const end: End =
    outcome.kind === 'written'
      ? { kind: 'done', systemId: null, revision: outcome.revision }
      : { kind: 'failed', reason: reason ?? 'the store had changed', isPerhaps: outcome.kind === 'no-answer' };
  return decisionEnded(seen, id, end);
}

function writeProblem(outcome: Extract<WriteOutcome, { kind: 'lease-gone' | 'refused' | 'no-answer' }>): string {
  return outcome.kind === 'lease-gone' ? 'the lease is gone' : outcome.reason;
}

function lockAnswered(state: AgentState, id: number, outcome: LockCommandOutcome): AgentState {
  if (outcome.kind === 'held') {
    const { createRevision, deadline } = outcome;
    const seen = withLock(withOwnRevision(state, createRevision), { kind: 'held', createRevision, deadline });
    return decisionEnded(seen, id, { kind: 'done', systemId: null, revision: outcome.createRevision });
  }
  if (outcome.kind === 'released')
    return decisionEnded(withLock(state, { kind: 'not-held' }), id, { kind: 'done', systemId: null, revision: null });
  const seen = outcome.kind === 'no-answer' ? { ...state, perhapsWritten: outcome.why } : state;
  return decisionEnded(seen, id, { kind: 'failed', reason: `${outcome.kind}: ${outcome.why}` });
}

/** An answer tells of the lock as much as a report does, and may come before it. */
function withLock(state: AgentState, lock: LockReport): AgentState {
  return state.lease === null ? state : { ...state, lease: { ...state.lease, lock } };
}

function taskEnded(state: AgentState, id: number, outcome: TaskOutcome): AgentState {
  if (state.task?.id !== id) return state;
  const { decision } = state.task;
  const ended: AgentState = { ...state, task: null, lookAfter: state.now };
  return remembering(ended, { kind: 'ended', decision, end: taskEnd(outcome) });
}

function decisionEnded(state: AgentState, id: number, end: End): AgentState {
  if (state.inFlight?.id !== id) return state;
  const { decision } = state.inFlight;
  return remembering({ ...state, inFlight: null }, { kind: 'ended', decision, end });
}

function upkeepEnded(
  state: AgentState,
  id: number,
  problem: string | null,
  { isRefused } = { isRefused: false },
): AgentState {
  const name = state.upkeepInFlight.get(id);
  if (name === undefined) return state;
  const upkeepInFlight = without(state.upkeepInFlight, id);
  if (problem === null) {
    // A look from in between shows slots that are no more.
    const upkeepDone = name === 'slots' ? new Map(state.upkeepDone).set(name, state.now) : state.upkeepDone;
    return { ...state, upkeepInFlight, upkeepRest: without(state.upkeepRest, name), upkeepDone };
  }
  // Nobody's stream waits for a logical slot, and what keeps it from being made may last.
  const rest = name === 'logical-slots' ? state.timings.loopWait : UPKEEP_REST;
  const until = later(state.now, rest);
  const upkeepRest = new Map(state.upkeepRest).set(name, { until, reason: problem, isRefused });
  // What was not done is due again after its rest.
  return { ...state, upkeepInFlight, upkeepRest, upkeepDone: without(state.upkeepDone, name) };
}

function slotsManaged(state: AgentState, id: number, outcome: TaskOutcome): AgentState {
  const ended = upkeepEnded(state, id, outcome.kind === 'done' ? null : reasonOf(outcome));
  const unusable = outcome.kind === 'failed' ? (outcome.unusableSlots ?? []) : [];
  const safe = outcome.kind === 'failed' || outcome.kind === 'done' ? (outcome.safeSlots ?? []) : [];
  return remembering(ended, { kind: 'slots-judged', safe, unusable });
}

function historyAnswered(state: AgentState, answer: NonNullable<AgentState['leaderHistory']>): AgentState {
  if (answer.member === state.config.name) {
    const asked = [...state.upkeepInFlight].find(([, name]) => name === 'own-history')?.[0];
    const seen =
      asked === undefined ? state : upkeepEnded(state, asked, answer.kind === 'known' ? null : answer.reason);
    return { ...seen, ownHistory: answer };
  }
  return remembering({ ...state, leaderHistory: answer, historyAsked: false }, { kind: 'history' });
}

/** An answer to an earlier round says nothing about this one. */
function failsafeAnswered(state: AgentState, event: Extract<AgentEvent, { kind: 'failsafe-answered' }>): AgentState {
  const { failsafe } = state;
  if (failsafe === null || failsafe.askedAt !== event.askedAt) return state;
  return { ...state, failsafe: { ...failsafe, answers: new Map(failsafe.answers).set(event.member, event.answer) } };
}

function taskEnd(outcome: TaskOutcome): End {
  return outcome.kind === 'done'
    ? {
        kind: 'done',
        systemId: outcome.systemId ?? null,
        revision: null,
        ...(outcome.unchanged === true && { unchanged: true }),
      }
    : {
        kind: 'failed',
        reason: reasonOf(outcome),
        notBegun: outcome.kind === 'refused',
        ...(outcome.kind === 'refused' && outcome.vetoed === true && { vetoed: true }),
        cancelled: outcome.kind === 'cancelled',
        late: outcome.kind === 'failed' && outcome.late === true,
      };
}

function reasonOf(outcome: TaskOutcome): string {
  if (outcome.kind === 'failed' || outcome.kind === 'refused') return outcome.reason;
  return outcome.kind;
}

function withOwnRevision(state: AgentState, revision: Revision | null): AgentState {
  if (revision === null || (state.ownRevision !== null && state.ownRevision >= revision)) return state;
  return { ...state, ownRevision: revision, ownRevisionAt: state.now };
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const next = new Map(map);
  next.delete(key);
  return next;
}
