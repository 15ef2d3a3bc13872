import { wantedSlots } from '../decide/wanted-slots.ts';
import { configuredSlots } from '../domain/permanent-slots.ts';
import type { AgentEffect } from '../ports/effects.ts';
import { observe } from './observe.ts';
import type { AgentState } from './state.ts';

/** What of the configured slots cannot be had, once for each configuration. */
export function slotConfigurationTold(before: AgentState, state: AgentState): readonly AgentEffect[] {
  if (before.dynamic.document === state.dynamic.document || state.view === null) return [];
  const { problems, permanent } = configuredSlots(state.dynamic);
  if (problems.length === 0 && permanent.length === 0) return [];
  const { conflicts } = wantedSlots(observe(state), state.memory, state.view);
  const said = [...problems, ...conflicts].join('; ');
  return said === '' ? [] : [{ kind: 'log', level: 'error', event: 'slots-configuration', fields: { said } }];
}

/** What could not be done to the slots, once as long as it stays the same. */
export function slotTroubleTold(before: AgentState, state: AgentState): readonly AgentEffect[] {
  return (['slots', 'logical-slots'] as const).flatMap((name): readonly AgentEffect[] => {
    const reason = state.upkeepRest.get(name)?.reason;
    if (reason === undefined || reason === before.upkeepRest.get(name)?.reason) return [];
    return [{ kind: 'log', level: 'warn', event: 'slots-trouble', fields: { reason } }];
  });
}
