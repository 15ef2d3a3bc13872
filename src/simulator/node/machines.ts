import type { AgentConfig } from '../../domain/agent-config.ts';
import type { DynamicConfig } from '../../domain/dynamic-config.ts';
import type { MemberName } from '../../domain/names.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import type { Instant, WallTime } from '../../domain/time.ts';
import type { AgentEffect } from '../../ports/effects.ts';
import type { AgentEvent } from '../../ports/events.ts';
import type { GuardianEffect, GuardianEvent } from '../../ports/guardian.ts';
import type { HeartbeatEffect, HeartbeatEvent } from '../../ports/heartbeat.ts';

/** A machine with its state inside: one event in, effects out. */
export type Stepper<Event, Effect> = (event: Event) => readonly Effect[];

export type AgentMachine = {
  readonly step: Stepper<AgentEvent, AgentEffect>;
  /** What its REST API would answer from. */
  readonly snapshot: () => NodeSnapshot;
};

export type HeartbeatMachine = {
  readonly step: Stepper<HeartbeatEvent, HeartbeatEffect>;
  /** What whoever is about to promote reads from it, without asking. */
  readonly leaseFact: (at: Instant) => { readonly deadline: Instant | null; readonly guardianReady: boolean };
};

/** Just started machines. The production ones, or in a test of the simulator itself others in their place. */
export type Machines = {
  readonly agent: (start: {
    readonly at: Instant;
    readonly wallAt: WallTime;
    readonly config: AgentConfig;
    readonly dynamic: DynamicConfig;
  }) => AgentMachine;
  readonly heartbeat: (start: { readonly self: MemberName }) => HeartbeatMachine;
  readonly guardian: (start: { readonly at: Instant; readonly pid: number }) => Stepper<GuardianEvent, GuardianEffect>;
};
