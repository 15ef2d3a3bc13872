import { leadsStandbyCluster } from '../decide/remote-source.ts';
import type { CallbackAction, CallbackRole } from '../domain/callback.ts';
import type { PublishedRole } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { DesiredPostgres } from '../domain/desired-postgres.ts';
import type { PostgresTask } from '../domain/task.ts';
import type { AgentEffect } from '../ports/effects.ts';
import type { AgentEvent } from '../ports/events.ts';
import type { CallbackMemory } from './callback-memory.ts';
import { observe } from './observe.ts';
import type { Stepped } from './perform.ts';
import type { AgentState } from './state.ts';

type Call = { readonly action: CallbackAction; readonly role: CallbackRole };
type Told = { readonly memory: CallbackMemory; readonly call: Call | null };

/** Call operators' commands for what came of this event (spec/postgres.md 15). None is called while a cluster is created. */
export function callBack(before: AgentState, state: AgentState, event: AgentEvent): Stepped {
  if (state.memory.bootstrap.kind !== 'none') return { state, effects: none };
  const ended = afterEvent(before, state, event);
  const begun = afterBegin(before, state, ended.memory);
  const seen = afterLook(state, begun);
  const { memory } = seen;
  const isSilent = ended.call === null && seen.call === null;
  const effects = isSilent ? none : [...called(state, ended.call), ...called(state, seen.call)];
  return { state: isSame(memory, state.callbacks) ? state : { ...state, callbacks: memory }, effects };
}

const none: readonly AgentEffect[] = [];

function isSame(a: CallbackMemory, b: CallbackMemory): boolean {
  return a === b || (a.told === b.told && a.pending === b.pending && a.isStopping === b.isStopping);
}

/** Something that was begun has come to its end, or to the point that counts. */
function afterEvent(before: AgentState, state: AgentState, event: AgentEvent): Told {
  const memory = state.callbacks;
  // At once: whoever has to move traffic need not wait for the server to open.
  if (event.kind === 'task-milestone') return tell({ ...memory, pending: null }, 'on_role_change', 'primary');
  if (event.kind === 'task-ended' && before.task?.id === event.id)
    return afterTask(before, state, { task: before.task.task, outcome: event.outcome.kind });
  if (event.kind === 'reconfigured' && before.inFlight?.id === event.id && event.outcome.kind === 'done')
    return afterReload(before, memory, before.inFlight.decision);
  const hasGivenUp = event.kind === 'lock-answered' && before.inFlight?.decision.rule === 'give-up-crashed-primary';
  if (hasGivenUp && state.inFlight === null && memory.told === 'primary')
    return tell(memory, 'on_role_change', 'demoted');
  return { memory, call: null };
}

/** What only makes a standby connect again changes nothing. */
function afterReload(before: AgentState, memory: CallbackMemory, { rule }: Decision): Told {
  if (before.postgres?.process.kind !== 'running' || rule === 'wake-receiver') return { memory, call: null };
  return { memory, call: { action: 'on_reload', role: memory.told ?? roleHere(before) } };
}

function afterTask(
  before: AgentState,
  state: AgentState,
  { task, outcome }: { readonly task: PostgresTask; readonly outcome: string },
): Told {
  const memory = state.callbacks;
  if (task.kind === 'stop') {
    const stopped = { ...memory, isStopping: false };
    if (outcome !== 'done' || !memory.isStopping) return { memory: stopped, call: null };
    return tell({ ...stopped, pending: 'on_start' }, 'on_stop', memory.told ?? roleHere(before));
  }
  if (task.kind !== 'start' || memory.pending !== 'on_role_change' || outcome === 'refused') {
    return { memory, call: null };
  }
  return tell(
    { ...memory, pending: outcome === 'done' ? null : 'on_start' },
    'on_role_change',
    roleToBe(state, task.desired),
  );
}

/** What a task that was just begun makes due. */
function afterBegin(before: AgentState, state: AgentState, memory: CallbackMemory): CallbackMemory {
  const { task } = state;
  if (task === null || task.id === before.task?.id) return memory;
  switch (task.task.kind) {
    case 'start':
      return { ...memory, pending: changesRole(memory, roleToBe(state, task.task.desired)) };
    case 'restart':
      return { ...memory, pending: 'on_restart' };
    case 'copy-slots':
      return { ...memory, pending: 'on_start' };
    case 'stop':
      return { ...memory, isStopping: state.postgres?.process.kind === 'running' };
    case 'bootstrap':
    case 'clone':
    case 'rewind':
    case 'crash-recovery':
    case 'end-orphans':
    case 'promote':
    case 'remove-data':
    case 'set-aside-data':
      return memory;
  }
}

function changesRole({ told }: CallbackMemory, role: CallbackRole): 'on_start' | 'on_role_change' {
  if (told === null || role === 'primary') return 'on_start';
  const wasPrimary = told === 'primary' || told === 'demoted';
  return wasPrimary || told !== role ? 'on_role_change' : 'on_start';
}

/** What PostgreSQL is by now, whoever made it that. */
function afterLook(state: AgentState, memory: CallbackMemory): Told {
  const { postgres, task, lookAfter } = state;
  if (task !== null || postgres === null || postgres.observedAt < lookAfter) return { memory, call: null };
  const role = roleHere(state);
  const isUp = postgres.server.kind === 'primary' || postgres.server.kind === 'standby';
  if (isUp && memory.pending !== null) return tell({ ...memory, pending: null }, memory.pending, role);
  if (isUp && role !== memory.told) return tell(memory, 'on_role_change', role);
  const isGone = postgres.process.kind === 'none' && memory.pending === null;
  return { memory: isGone ? { ...memory, pending: 'on_start' } : memory, call: null };
}

function tell(memory: CallbackMemory, action: CallbackAction, role: CallbackRole): Told {
  return { memory: { ...memory, told: role }, call: { action, role } };
}

function called(state: AgentState, call: Call | null): readonly AgentEffect[] {
  const command = call === null ? undefined : state.effective.callbacks[call.action];
  return call === null || command === undefined ? none : [{ kind: 'call-back', callback: { ...call, command } }];
}

function roleToBe(state: AgentState, desired: DesiredPostgres): CallbackRole {
  if (desired.standby === null) return 'primary';
  return leadsStandbyCluster(observe(state)) ? 'standby_leader' : 'replica';
}

function roleHere(state: AgentState): CallbackRole {
  return callbackRole(state.memory.role);
}

function callbackRole(role: PublishedRole): CallbackRole {
  if (role === 'promoted') return 'primary';
  return role === 'unknown' ? 'uninitialized' : role;
}
