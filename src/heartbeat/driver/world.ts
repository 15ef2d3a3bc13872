import type { MemberName } from '../../domain/names.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GuardianMessage, GuardianReport } from '../../ports/guardian.ts';
import type { Store } from '../../ports/store.ts';
import type { HeartbeatTracer } from '../trace.ts';
import type { LeaseFact } from './lease-cell.ts';
import type { FromHeartbeat } from './messages.ts';

/** What the heartbeat's machine is connected with. */
export type HeartbeatWorld = {
  readonly self: MemberName;
  readonly clock: Clock;
  readonly store: Store;
  /** Connect to the guardian of this data directory, or start one. `null`: none could be had; `lost` was reported. */
  findGuardian(onReport: (report: GuardianReport) => void): Promise<GuardianContact | null>;
  post(message: FromHeartbeat): void;
  publishFact(fact: LeaseFact): void;
  readonly trace: HeartbeatTracer | null;
  /** Called once, when the agent has left. */
  end(): void;
};

export type GuardianContact = { tell(message: GuardianMessage): void; close(): void };
