import { effectiveUnder } from '../domain/effective-postgres.ts';
import { timingAdjustments } from '../domain/timings.ts';
import type { AgentEffect } from '../ports/effects.ts';
import { hasForeignMember } from './absorb.ts';
import type { AgentState } from './state.ts';

/** What of a changed configuration does not hold as it is written: each once, when it comes. */
export function configurationTold(before: AgentState, state: AgentState): readonly AgentEffect[] {
  return [...refusalTold(before, state), ...warningsTold(before, state)];
}

/** A document that is refused is not looked at again before it is another one. */
function refusalTold(before: AgentState, { view }: AgentState): readonly AgentEffect[] {
  const stored = view?.config;
  if (stored?.kind !== 'valid' || stored.rejected === undefined) return [];
  const last = before.view?.config;
  if (last?.kind === 'valid' && last.modRevision === stored.modRevision) return [];
  const fields = { source: 'dynamic configuration', problem: stored.rejected, then: 'the last good one stays' };
  return [{ kind: 'log', level: 'error', event: 'configuration-refused', fields }];
}

function warningsTold(before: AgentState, state: AgentState): readonly AgentEffect[] {
  // Asked with every picture: what is the same object says the same. Timings are others beside a foreign member.
  const isSame = before.dynamic === state.dynamic && before.config === state.config && before.timings === state.timings;
  if (isSame) return [];
  const said = new Set(warningsOf(before));
  return warningsOf(state)
    .filter((each) => !said.has(each))
    .map((notice) => ({ kind: 'log', level: 'warn', event: 'configuration', fields: { notice } }));
}

function warningsOf(state: AgentState): readonly string[] {
  const { config, dynamic, view } = state;
  return [
    ...timingAdjustments(dynamic, { foreignMemberPresent: hasForeignMember(view) }),
    ...effectiveUnder(config, dynamic).warnings,
  ];
}
