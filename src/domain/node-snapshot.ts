import type { Decision } from './decision.ts';
import type { Memory } from './memory.ts';
import type { Observation } from './observation.ts';
import type { Instant, WallTime } from './time.ts';

/** What the agent knows after its last step: everything that the REST API answers from, without asking anybody. */
export type NodeSnapshot = {
  readonly observation: Observation;
  readonly memory: Memory;
  /** The decision in force and since when. */
  readonly decision: Decision;
  readonly decidedAt: WallTime;
  /** When the next step is due at the latest. */
  readonly nextStepDue: Instant;
  /** Wall time of the last view or proof from the store; `null`: never. */
  readonly storeSeenAt: WallTime | null;
};
