import type { Instant } from '../domain/time.ts';
import type { GuardianEffect, GuardianEvent } from '../ports/guardian.ts';
import type { Tracer } from '../ports/trace.ts';
import type { GuardianState } from './state.ts';

/** From what `initialGuardian` makes the first state. */
export type GuardianStart = { readonly pid: number; readonly at: Instant };

export type GuardianTraceStep = { readonly event: GuardianEvent; readonly effects: readonly GuardianEffect[] };

export type GuardianTracer = Tracer<GuardianStart, GuardianState, GuardianTraceStep>;
