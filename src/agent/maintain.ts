import { addressIn } from '../decide/desired-postgres.ts';
import type { Happening } from '../decide/happening.ts';
import { ownConnUrl } from '../decide/own-address.ts';
import { remember } from '../decide/remember.ts';
import { upkeep } from '../decide/upkeep.ts';
import type { MemberName } from '../domain/names.ts';
import { millis } from '../domain/time.ts';
import type { Upkeep, UpkeepName } from '../domain/upkeep.ts';
import type { AgentEffect } from '../ports/effects.ts';
import { observe } from './observe.ts';
import type { Stepped } from './perform.ts';
import type { AgentState } from './state.ts';

const OWN_HISTORY_LIMIT = millis(2_000);

/** Start what has to be published or tidied, one piece of each kind at a time, and not while a decision is being written. */
export function maintain(state: AgentState): Stepped {
  if (state.inFlight !== null) return { state, effects: [] };
  const wanted = upkeep(observe(state), state.memory, state.upkeepDone);
  if (wanted.length === 0) return { state, effects: [] };
  let next = state;
  const effects: AgentEffect[] = [];
  for (const piece of wanted) {
    if (isUnderWay(state, piece.name) || isResting(state, piece.name)) continue;
    const id = next.nextId;
    next = begun(next, id, piece);
    effects.push(effectOf(state, id, piece));
  }
  return { state: next, effects };
}

function isUnderWay({ upkeepInFlight }: AgentState, name: UpkeepName): boolean {
  for (const each of upkeepInFlight.values()) if (each === name) return true;
  return false;
}

/** What was refused a moment ago is not tried again with every event. */
function isResting(state: AgentState, name: UpkeepName): boolean {
  const rest = state.upkeepRest.get(name);
  return rest !== undefined && rest.until > state.now;
}

function begun(state: AgentState, id: number, piece: Upkeep): AgentState {
  const happening = remembered(piece);
  const memory = happening === null ? state.memory : remember(state.memory, observe(state), happening);
  return {
    ...state,
    memory,
    nextId: id + 1,
    upkeepInFlight: new Map(state.upkeepInFlight).set(id, piece.name),
    upkeepDone: new Map(state.upkeepDone).set(piece.name, state.now),
  };
}

function remembered(piece: Upkeep): Happening | null {
  if (piece.kind === 'checkpoint') return { kind: 'checkpoint-started' };
  return piece.kind === 'write-failsafe' ? { kind: 'failsafe-sent', members: piece.members } : null;
}

function effectOf(state: AgentState, id: number, piece: Upkeep): AgentEffect {
  switch (piece.kind) {
    case 'write':
    case 'write-failsafe':
      return { kind: 'write', id, write: piece.write };
    case 'manage-slots':
      return { kind: 'manage-slots', id, change: piece.change };
    case 'checkpoint':
      return { kind: 'checkpoint', id };
    case 'ask-own-history':
      return askMyself(state, state.config.name);
  }
}

/** My own server, under the address that others use: it answers like any upstream. */
function askMyself(state: AgentState, member: MemberName): AgentEffect {
  const { postgres } = state.config;
  const address = addressIn(ownConnUrl(observe(state))) ?? {
    host: '',
    port: postgres.port,
    database: postgres.database,
  };
  return {
    kind: 'ask-history',
    member,
    own: null,
    limit: OWN_HISTORY_LIMIT,
    upstream: { member, ...address, applicationName: member },
  };
}
