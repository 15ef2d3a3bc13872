import type { MemberName } from '../domain/names.ts';
import type { HeartbeatEffect, HeartbeatEvent } from '../ports/heartbeat.ts';
import type { Tracer } from '../ports/trace.ts';
import type { HeartbeatState } from './state.ts';

/** From what `initialHeartbeat` makes the first state. */
export type HeartbeatStart = { readonly self: MemberName };

export type HeartbeatTraceStep = { readonly event: HeartbeatEvent; readonly effects: readonly HeartbeatEffect[] };

export type HeartbeatTracer = Tracer<HeartbeatStart, HeartbeatState, HeartbeatTraceStep>;
