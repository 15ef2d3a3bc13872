import type { Callback } from '../domain/callback.ts';
import type { DesiredPostgres, Upstream } from '../domain/desired-postgres.ts';
import type { LeaderHistory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import type { PostgresReport } from '../domain/postgres-report.ts';
import type { OwnWal } from '../domain/shared-branch.ts';
import type { SlotChange } from '../domain/slot-change.ts';
import type { PostgresTask, TaskMilestone, TaskOutcome, TaskScripts } from '../domain/task.ts';
import type { Instant, Millis } from '../domain/time.ts';

/** The local PostgreSQL. Carries out what was decided and reports what is; chooses nothing. */
export type Postgres = {
  /** One look: data directory, processes, server. Ends within `limit`, whatever the server does. */
  look(limit: Millis): Promise<PostgresReport>;
  /** Long work; one at a time. Cancelling ends it with `cancelled` once nothing of it runs any more. */
  run(task: PostgresTask, context: TaskContext): Promise<TaskOutcome>;
  /** Write files and reload. */
  reconfigure(desired: DesiredPostgres): Promise<TaskOutcome>;
  manageSlots(change: SlotChange): Promise<TaskOutcome>;
  checkpoint(signal: AbortSignal): Promise<TaskOutcome>;
  /** Ask an upstream who it is, over a replication connection; and whether its WAL is what lies here. */
  askHistory(question: {
    readonly upstream: Upstream;
    readonly member: MemberName;
    /** `null`: nothing is to be compared. */
    readonly own: OwnWal | null;
    readonly limit: Millis;
  }): Promise<LeaderHistory>;
  /** Start an operator's command; nobody waits for it. */
  callBack(callback: Callback): void;
  /** Called at once when the server's own connection breaks: the postmaster died, stopped, or restarts its backends. */
  onDisturbance(listener: () => void): void;
  /** Closes connections; PostgreSQL itself goes on. */
  close(): Promise<void>;
};

export type TaskContext = {
  readonly signal: AbortSignal;
  progress(note: string): void;
  /** It has come to a point that others act on. */
  reached(milestone: TaskMilestone): void;
  readonly scripts: TaskScripts;
  /** The lease as the heartbeat knows it at this very moment; asked right before a promotion. */
  leaseNow(): { readonly deadline: Instant | null; readonly guardianReady: boolean; readonly now: Instant };
};
