import type { HeartbeatEffect, LockCommandOutcome } from '../ports/heartbeat.ts';
import type { HeartbeatState, LockState } from './state.ts';

/** A state on its way through one step, and what the step wants done so far, in order. */
export type Draft = { readonly state: HeartbeatState; readonly effects: readonly HeartbeatEffect[] };

export function change(draft: Draft, changes: Partial<HeartbeatState>, ...effects: readonly HeartbeatEffect[]): Draft {
  return become(draft, { ...draft.state, ...changes }, ...effects);
}

/** Like `change`, for what comes in every step: one copy of the state, made by the caller. */
export function become(draft: Draft, state: HeartbeatState, ...effects: readonly HeartbeatEffect[]): Draft {
  return { state, effects: effects.length === 0 ? draft.effects : [...draft.effects, ...effects] };
}

/** Like `change`, with a fresh number for the request or message that the effect is. */
export function ask(
  draft: Draft,
  build: (number: number) => { readonly state: HeartbeatState; readonly effect: HeartbeatEffect },
): Draft {
  const number = draft.state.nextNumber;
  const { state, effect } = build(number);
  return become(draft, { ...state, nextNumber: number + 1 }, effect);
}

/** The answer to a command; a move that the heartbeat began itself has nobody to answer. */
export function answer(draft: Draft, to: number | null, outcome: LockCommandOutcome): Draft {
  return to === null ? draft : become(draft, draft.state, { kind: 'answer', id: to, outcome });
}

/** The lock as it is when nothing extends it any more; the deadline stands. */
export function doubted(lock: LockState, why: string, settledBy: 'proof' | 'command'): LockState {
  switch (lock.kind) {
    case 'none':
      return lock;
    case 'held':
      return { ...lock, kind: 'doubtful', why, settledBy };
    case 'doubtful':
      // What only a command settles stays so.
      return lock.settledBy === 'command' && settledBy === 'proof' ? lock : { ...lock, why, settledBy };
  }
}

/** Does the next proof say what becomes of it? */
export function isProvenNext(lock: LockState): lock is Exclude<LockState, { readonly kind: 'none' }> {
  return lock.kind === 'held' || (lock.kind === 'doubtful' && lock.settledBy === 'proof');
}

/** The lock is not mine, as the store shows. Whose guardian rests, as PostgreSQL cannot write, has nothing to doubt. */
export function lost({ lock, guardian }: HeartbeatState, why: string): LockState {
  const { wanted } = guardian;
  const isUnguarded = wanted.kind === 'resting' && wanted.because === 'evidence';
  return isUnguarded ? { kind: 'none' } : doubted(lock, why, 'command');
}
