import type { GuardianEffect } from '../ports/guardian.ts';
import type { GuardianState } from './state.ts';

/** A state on its way through one step, and what the step wants done so far, in order. */
export type Step = { readonly state: GuardianState; readonly effects: readonly GuardianEffect[] };

export function change(step: Step, changes: Partial<GuardianState>, ...effects: readonly GuardianEffect[]): Step {
  return become(step, { ...step.state, ...changes }, ...effects);
}

/** Like `change`, for what comes often: one copy of the state, made by the caller. */
export function become(step: Step, state: GuardianState, ...effects: readonly GuardianEffect[]): Step {
  return { state, effects: effects.length === 0 ? step.effects : [...step.effects, ...effects] };
}
