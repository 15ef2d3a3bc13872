import type { AgentConfig } from '../../domain/agent-config.ts';
import type { LeaseReport } from '../../domain/lease.ts';
import type { StoreRequestName } from '../../domain/meter-readings.ts';
import type { Millis } from '../../domain/time.ts';
import type { HeartbeatCommand, LockCommandOutcome } from '../../ports/heartbeat.ts';
import type { LogFields, LogLevel } from '../../ports/log.ts';
import type { LeaseCell } from './lease-cell.ts';

/** What the heartbeat's thread is started with; all of it passes between threads by structured clone. */
export type HeartbeatSetup = {
  readonly config: AgentConfig;
  /** The cluster's key prefix in the store, ending in `/`. */
  readonly prefix: string;
  readonly retryTimeout: Millis;
  /** Where the guardian's program is: a `file:` URL. */
  readonly guardianProgram: string;
  readonly cell: LeaseCell;
  /** Where the traces of heartbeat and guardian go. */
  readonly trace: { readonly heartbeat: string; readonly guardian: string } | null;
};

/** From the agent's thread to the heartbeat's. */
export type ToHeartbeat = { readonly id: number; readonly command: HeartbeatCommand };

/** From the heartbeat's thread to the agent's. */
export type FromHeartbeat =
  | { readonly kind: 'report'; readonly report: LeaseReport }
  | { readonly kind: 'answer'; readonly id: number; readonly outcome: LockCommandOutcome }
  | { readonly kind: 'store-answered'; readonly request: StoreRequestName; readonly span: Millis | null }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly event: string; readonly fields: LogFields };
