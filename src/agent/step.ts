import { conclude, wait } from '../decide/conclude.ts';
import { decide } from '../decide/decide.ts';
import { remember } from '../decide/remember.ts';
import { leaseDeadline, proofDueAt } from '../decide/store-loss.ts';
import { syncIsUnderWay } from '../decide/sync-replication.ts';
import type { Decision } from '../domain/decision.ts';
import { fastStopAt } from '../domain/fencing.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { between, type Instant, later, type Millis, millis } from '../domain/time.ts';
import type { AgentEffect } from '../ports/effects.ts';
import type { AgentEvent } from '../ports/events.ts';
import { absorb } from './absorb.ts';
import { callBack } from './callbacks.ts';
import { configurationTold } from './configuration-words.ts';
import { configure, isReconfigured } from './configure.ts';
import { maintain } from './maintain.ts';
import { observe, storeObservation } from './observe.ts';
import { isAtPeace, onlyPositionsMoved, onlyRenewed, onlyWalMoved } from './peace.ts';
import { perform, type Stepped, wakeAt } from './perform.ts';
import { advanceRequests, requestWritten } from './requests.ts';
import { slotConfigurationTold, slotTroubleTold } from './slot-words.ts';
import type { AgentState } from './state.ts';

/** How many looks at PostgreSQL there are in one loop when nothing happens, and how far apart they are at most. */
const LOOKS_IN_A_LOOP = 4;
const LOOK_INTERVAL_MIN = millis(1_000);
const LOOK_INTERVAL_MAX = millis(2_500);
/** The least: while nobody leads, since what a replica has received decides who may lead next. */
const LOOK_INTERVAL_IN_RACE = millis(100);
/** A look that was asked for and never came is asked for again after this; the longest one takes less. */
const LOOK_LOST_AFTER = millis(5_000);
/** How often in a ttl the heartbeat is told that the machine makes steps. It asks for one in a whole ttl. */
const LIFE_SHOWN_IN_TTL = 8;
const nothing: readonly AgentEffect[] = [];

/**
 * The agent machine: one event in, a new state and the effects out. Synchronous and pure: no clock, promise, random
 * source or log inside. The simulator and the daemon run this very function.
 */
export function stepAgent(before: AgentState, event: AgentEvent): Stepped {
  const absorbed = absorb(before, event);
  const collected: AgentEffect[] = [];
  let state = absorbed;
  const run = (part: (state: AgentState) => Stepped): void => {
    const stepped = part(state);
    state = stepped.state;
    for (const effect of stepped.effects) collected.push(effect);
  };
  run(showLife);
  for (const effect of effectsOfEvent(before, absorbed, event)) collected.push(effect);
  if (event.kind === 'write-answered') run((now) => requestWritten(now, event.id, event.outcome));
  const judged = isJudged(before, absorbed, event);
  if (judged) {
    run(advanceRequests);
    run(act);
  }
  if (judged || endsUpkeep(before, event)) run(maintain);
  run((now) => callBack(before, now, event));
  run(setTimers);
  return { state, effects: collected };
}

/**
 * Is there anything to decide? A member at peace is not moved by how far WAL has come, by a lease that lives on, or by upkeep
 * that went well.
 */
function isJudged(before: AgentState, state: AgentState, event: AgentEvent): boolean {
  const { wake } = state.timers;
  // What is due now would be set aside by the next timer.
  if (wake !== null && wake <= state.now) return true;
  if (event.kind === 'view') return !isAtPeace(before) || !onlyPositionsMoved(before.view, state.view);
  if (event.kind === 'postgres') return !isAtPeace(before) || !onlyWalMoved(before.postgres, state.postgres);
  if (event.kind === 'lease') return !isAtPeace(before) || !onlyRenewed(before.lease, state.lease);
  if (event.kind === 'write-answered') return !isAtPeace(before) || event.outcome.kind !== 'written';
  if (event.kind === 'slots-managed')
    return !isAtPeace(before) || event.outcome.kind !== 'done' || before.memory !== state.memory;
  return true;
}

/** What had to wait for an upkeep under way, or for the picture that shows it, may begin now. */
function endsUpkeep(before: AgentState, { kind }: AgentEvent): boolean {
  return kind === 'write-answered' || kind === 'slots-managed' || storeObservation(before).kind !== 'settled';
}

/** Tell the heartbeat that the machine makes steps. */
function showLife(state: AgentState): Stepped {
  const { now, lifeShownAt } = state;
  if (lifeShownAt !== null && between(lifeShownAt, now) < state.timings.ttl / LIFE_SHOWN_IN_TTL)
    return { state, effects: nothing };
  return {
    state: { ...state, lifeShownAt: now },
    effects: [{ kind: 'heartbeat', id: 0, command: { kind: 'stepped' } }],
  };
}

/** What an event itself entails, whatever is decided: a look follows what was done to PostgreSQL. */
function effectsOfEvent(before: AgentState, state: AgentState, event: AgentEvent): readonly AgentEffect[] {
  switch (event.kind) {
    case 'started':
      return [...configure(state), { kind: 'look' }];
    case 'task-ended':
    case 'reconfigured':
      return [{ kind: 'look' }];
    case 'postgres':
      return isReconfigured(before, state) ? configure(state) : nothing;
    case 'write-answered':
    case 'lock-answered':
      return event.outcome.kind === 'no-answer' ? [{ kind: 'reread-store' }] : nothing;
    case 'view':
    case 'config-reloaded':
      return [
        ...(isReconfigured(before, state) ? configure(state) : []),
        ...(before.lookAfter === state.lookAfter ? [] : [{ kind: 'look' } as const]),
        ...configurationTold(before, state),
        ...slotConfigurationTold(before, state),
      ];
    case 'slots-managed':
      return slotTroubleTold(before, state);
    case 'timer':
    case 'store-silent':
    case 'lease':
    case 'task-progress':
    case 'task-milestone':
    case 'checkpoint-ended':
    case 'peer-answered':
    case 'failsafe-answered':
    case 'history-answered':
    case 'request':
    case 'stop-requested':
      return nothing;
  }
}

/** Decide, and carry it out unless an earlier decision is still being answered. */
function act(state: AgentState): Stepped {
  const observation = observe(state);
  const decided = decide(observation, state.memory);
  const { inFlight } = state;
  const isFree = inFlight === null || mayOverlap(decided, inFlight.decision);
  const decision = isFree ? decided : awaiting(inFlight.decision);
  const isNew = !sameDecision(state.decision, decision);
  const next: AgentState = {
    ...state,
    memory: remember(state.memory, observation, { kind: 'started', decision }),
    decision,
    decidedAt: isNew ? state.wallNow : state.decidedAt,
    isDecisionSettled: observation.store.kind === 'settled',
  };
  const told = isNew ? tell(next, decision) : { state: next, effects: nothing };
  const performed = perform(told.state, decision);
  const effects = isNew ? [...told.effects, ...performed.effects] : performed.effects;
  // The guardian's rest is answered by nobody: whatever comes next comes at once.
  if (decision.action.kind !== 'disarm-guardian') return { state: performed.state, effects };
  const after = act(performed.state);
  return { state: after.state, effects: [...effects, ...after.effects] };
}

/** Stopping never waits for an answer from the store. The agent's end waits for a release under way: it would undo it. */
function mayOverlap({ action }: Decision, earlier: Decision): boolean {
  if (action.kind === 'run') return action.task.kind === 'stop' || action.task.kind === 'end-orphans';
  if (action.kind === 'exit') return earlier.action.kind !== 'release-lock';
  return passive.has(action.kind);
}

const passive: ReadonlySet<Decision['action']['kind']> = new Set([
  'stay',
  'wait',
  'cancel-task',
  'ask-failsafe',
  'extend-by-members',
]);

function awaiting(earlier: Decision): Decision {
  return conclude('awaiting-answer', wait('awaiting-answer', earlier.rule).action, { rule: earlier.rule });
}

/** The same rule asking for the same thing; facts may differ. */
function sameDecision(a: Decision, b: Decision): boolean {
  if (a.rule !== b.rule || a.action.kind !== b.action.kind) return false;
  if (a.action.kind === 'wait' && b.action.kind === 'wait') return a.action.for === b.action.for;
  return a.action.kind === 'stay';
}

/** Rules that come and go with every answer: of interest when somebody debugs, not when nothing changes. */
const passing: ReadonlySet<string> = new Set([
  'look-first',
  'own-writes-unsettled',
  'awaiting-answer',
  'task-under-way',
  'wait-for-peers',
  'ask-peers',
  'ask-leader-history',
  'recheck-after-acquire',
  'failsafe-ask',
  'failsafe-asking',
  'failsafe-agreed',
]);

/** One line per change, with the rule's name; coming back to what was said last is no change. */
function tell(state: AgentState, decision: Decision): Stepped {
  const { action, rule, facts } = decision;
  const isPassing = passing.has(rule) || (state.logged !== null && sameDecision(state.logged, decision));
  const target = action.kind === 'run' ? { task: action.task.kind } : action.kind === 'wait' ? { for: action.for } : {};
  const message = action.kind === 'exit' ? { message: action.message } : {};
  const level = action.kind === 'exit' && action.code !== 0 ? 'error' : isPassing ? 'debug' : 'info';
  const fields = { action: action.kind, rule, ...target, ...message, ...facts };
  return {
    state: passing.has(rule) ? state : { ...state, logged: decision },
    effects: [{ kind: 'log', level, event: 'decision', fields }],
  };
}

/** Another look, the longest silence, and what the decision or the lease's deadline asks for. */
function setTimers(state: AgentState): Stepped {
  const { now, timers } = state;
  const awaitsStandbys = whomCommitsAwait(state);
  const lookAt = nextLook(state, awaitsStandbys);
  const loop = timers.loop ?? later(now, state.timings.loopWait);
  // What was asked for earlier comes, and finds nothing due.
  const wake = nextWake(state) ?? timers.wake;
  const isOld = lookAt === state.lookAt && loop === timers.loop && wake === timers.wake;
  if (isOld && awaitsStandbys === state.awaitsStandbys) return { state, effects: nothing };
  const effects: AgentEffect[] = [];
  if (lookAt !== state.lookAt) effects.push({ kind: 'look-at', at: lookAt });
  if (loop !== timers.loop) effects.push({ kind: 'set-timer', name: 'loop', at: loop });
  if (wake !== null && wake !== timers.wake) effects.push({ kind: 'set-timer', name: 'wake', at: wake });
  return { state: { ...state, lookAt, awaitsStandbys, timers: { loop, wake } }, effects };
}

/** In a synchronous mode commits may be waiting for a standby, or be waiting for nobody. */
function whomCommitsAwait(state: AgentState): AgentState['awaitsStandbys'] {
  if (state.dynamic.synchronousMode === 'off' || state.postgres?.server.kind !== 'primary') return 'no';
  return syncIsUnderWay(observe(state), state.memory);
}

/** In a race it does not wait for one that was planned in peace. */
function nextLook(state: AgentState, awaitsStandbys: AgentState['awaitsStandbys']): Instant {
  const { now, lookAt: planned } = state;
  const isUrgent = isRace(state) || mayGainBeforePromotion(state) || awaitsStandbys === 'soon';
  const isLost = planned !== null && now > later(planned, LOOK_LOST_AFTER);
  if (planned !== null && !isLost && !isUrgent) return planned;
  const soon = later(now, isUrgent ? LOOK_INTERVAL_IN_RACE : lookInterval(state, awaitsStandbys));
  return planned === null || isLost || planned > soon ? soon : planned;
}

/** Soon after the lock has changed hands much else changes: who streams from whom, and on which timeline. */
function lookInterval({ now, timings, lockChangedAt }: AgentState, awaits: AgentState['awaitsStandbys']): Millis {
  // Whoever attaches late is not to wait for it longer than that.
  if (awaits === 'perhaps') return LOOK_INTERVAL_MIN;
  const atPeace = Math.max(LOOK_INTERVAL_MIN, timings.loopWait / LOOKS_IN_A_LOOP);
  const afterChange = Math.max(LOOK_INTERVAL_IN_RACE, between(lockChangedAt, now) / 2);
  return millis(Math.min(LOOK_INTERVAL_MAX, atPeace, afterChange));
}

function isRace(state: AgentState): boolean {
  return state.view !== null && state.view.lock === null && state.postgres?.server.kind === 'standby';
}

/** About to be promoted without a race, and WAL still comes: as much as there is by then is compared with what others have. */
function mayGainBeforePromotion({ memory, postgres, dynamic }: AgentState): boolean {
  const server = postgres?.server;
  if (memory.acquired?.how !== 'adopted' || dynamic.pause || isStandbyCluster(dynamic)) return false;
  return server?.kind === 'standby' && server.walReceiver?.status === 'streaming';
}

function nextWake(state: AgentState): Instant | null {
  let soonest: Instant | null = null;
  const consider = (at: Instant): void => {
    if (at > state.now && (soonest === null || at < soonest)) soonest = at;
  };
  const deadline = leaseDeadline(state);
  const decided = wakeAt(state, state.decision);
  if (decided !== null) consider(decided);
  if (deadline !== null) consider(fastStopAt(deadline));
  const proofDue = proofDueAt(state, state.memory);
  if (proofDue !== null) consider(proofDue);
  const { scheduledRestart } = state.memory;
  if (scheduledRestart !== null) consider(later(state.now, millis(scheduledRestart.at - state.wallNow)));
  for (const { until } of state.memory.backoffs.values()) consider(until);
  for (const { until } of state.upkeepRest.values()) consider(until);
  for (const { phase } of state.requests) consider(phase.until);
  return soonest;
}
