import type { GuardianEffect } from '../ports/guardian.ts';
import type { GuardianState } from './state.ts';

/** A state on its way through one step, and what the step wants done so far, in order. */
export type Step = { readonly state: GuardianState; readonly effects: readonly GuardianEffect[] };

export function change(step: Step, changes: Partial<GuardianState>, ...effects: readonly GuardianEffect[]): Step {
  return { state: { ...step.state, ...changes }, effects: [...step.effects, ...effects] };
}
