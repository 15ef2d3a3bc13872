import type { LeaseReport } from '../domain/lease.ts';
import type { StoreRequestName } from '../domain/meter-readings.ts';
import type { Instant, Millis } from '../domain/time.ts';
import type { HeartbeatCommand, LockCommandOutcome } from './heartbeat.ts';

/** The agent's side of its heartbeat: commands go there, reports and answers come back to the listeners. */
export type HeartbeatLink = {
  /** Commands with an answer carry the number that the answer repeats; others carry 0. */
  command(id: number, command: HeartbeatCommand): void;
  /** What the heartbeat knows at this very moment, without waiting for a message. */
  leaseNow(): { readonly deadline: Instant | null; readonly guardianReady: boolean };
  close(): Promise<void>;
};

export type HeartbeatListeners = {
  report(report: LeaseReport): void;
  answer(id: number, outcome: LockCommandOutcome): void;
  /** How long the store took; `null`: it did not answer. Nothing is decided by it. */
  storeAnswered(request: StoreRequestName, span: Millis | null): void;
  /** The heartbeat itself broke: a defect; nothing renews any more. */
  broken(reason: string): void;
};
