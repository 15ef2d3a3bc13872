import type { DesiredPostgres, Upstream } from './desired-postgres.ts';
import type { SlotName, SystemId } from './names.ts';
import type { ReplicaMethod } from './replica-method.ts';
import type { LogicalSlot } from './slot-change.ts';
import type { Instant, Millis } from './time.ts';

/**
 * Long work on PostgreSQL, one at a time. Performing it makes no choices; whoever decided it has chosen.
 * Each kind has a fixed inner order that is never torn apart.
 */
export type PostgresTask =
  /** initdb, write files, start (with `safety`, as for `start`), roles, post_bootstrap. Leaves a primary on timeline 1. */
  | { readonly kind: 'bootstrap'; readonly desired: DesiredPostgres; readonly safety?: Millis }
  /**
   * Remove what is in the data directory, unless the method keeps it, then copy by the first method that works. Leaves a
   * stopped copy with standby.signal. `from`: `null` for methods that need nobody to copy. `patience`: a source of which
   * nothing is heard for that long counts as gone.
   */
  | {
      readonly kind: 'clone';
      readonly from: Upstream | null;
      /** The source does not lead: it can be copied whoever does. */
      readonly fromReplica?: true;
      readonly methods: readonly ReplicaMethod[];
      readonly patience: Millis;
    }
  /** pg_rewind of a stopped, cleanly shut down directory. Leaves it stopped with standby.signal. `patience`: as above. */
  | {
      readonly kind: 'rewind';
      readonly from: Upstream;
      readonly options: readonly string[];
      readonly patience: Millis;
      /** The source tells nobody when it has checkpointed after its promotion: have it do so, or look. */
      readonly checkpointFirst?: boolean;
    }
  /** `postgres --single`, so that pg_rewind finds a cleanly shut down directory. Leaves it stopped. */
  | { readonly kind: 'crash-recovery' }
  /**
   * Write files (standby.signal first, if wanted), start, wait until it accepts connections or `timeout`.
   * With `safety`, for what starts as a primary: refused like `promote`, right before the postmaster is launched.
   */
  | { readonly kind: 'start'; readonly desired: DesiredPostgres; readonly timeout: Millis; readonly safety?: Millis }
  /** Stop and wait until every process is gone. `fast` escalates to `immediate` after `timeout`, then to SIGKILL. */
  | {
      readonly kind: 'stop';
      readonly mode: 'fast' | 'immediate';
      readonly checkpointFirst: boolean;
      readonly timeout: Millis | null;
      /** Archive the segment with the shutdown checkpoint, too, which no server does by itself. */
      readonly archiveLast?: boolean;
    }
  /** SIGKILL what a dead postmaster left behind and wait until none is left. */
  | { readonly kind: 'end-orphans' }
  /**
   * The operator's `pre_promote`, then pg_promote. Refused when that command says no, when the lease in force right before the call ends before `notAfter` allows,
   * or no guardian is ready.
   */
  | { readonly kind: 'promote'; readonly safety: Millis }
  /** A fast stop after a checkpoint, however long it takes, then as `start`; `timeout` and `safety` are the start's. */
  | { readonly kind: 'restart'; readonly desired: DesiredPostgres; readonly timeout: Millis; readonly safety?: Millis }
  /**
   * Read the state of logical slots on `from`, which has to be a primary; then a fast stop, their files, a start. Nothing
   * is stopped, and the task is refused, for slots that would be of no use here: their WAL is not here, or they are ahead
   * of what was replayed.
   */
  | {
      readonly kind: 'copy-slots';
      readonly from: Upstream;
      readonly slots: readonly LogicalSlot[];
      readonly desired: DesiredPostgres;
      readonly stopTimeout: Millis;
      readonly timeout: Millis;
    }
  /** Remove the data directory; `allowedBy` names the setting or request that allows it. */
  | { readonly kind: 'remove-data'; readonly allowedBy: string }
  /** Rename the data directory to `<data_dir>.failed` after a bootstrap that failed. */
  | { readonly kind: 'set-aside-data' };

/** Operators' own commands that a task runs at its moment, as configured when it began; `null`: none. */
export type TaskScripts = { readonly beforeStop: string | null; readonly prePromote: string | null };

/** A point within a task that others act on before the task ends. `promotion-asked`: nothing takes it back any more. */
export type TaskMilestone = 'promotion-asked';

export type TaskKind = PostgresTask['kind'];

export type TaskOutcome =
  /**
   * `unchanged`: pg_rewind found that nothing here differs from the source's history. `safeSlots`: logical slots that can be
   * used after a failover (`SlotChange`).
   */
  | {
      readonly kind: 'done';
      readonly systemId?: SystemId;
      readonly unchanged?: true;
      readonly safeSlots?: readonly SlotName[];
    }
  /** The world is as before the last completed inner step; the reason is for people. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly detail?: string;
      /** Logical slots that can never be moved on from where they are. */
      readonly unusableSlots?: readonly SlotName[];
      readonly safeSlots?: readonly SlotName[];
      /** PostgreSQL goes on starting: only the time for it is over. */
      readonly late?: true;
    }
  /** Not even begun: the world had changed (lease ended, data directory not as named). */
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** By the operator's own command. */
      readonly vetoed?: true;
    }
  | { readonly kind: 'cancelled' };

export type RunningTask = {
  readonly id: number;
  readonly task: PostgresTask;
  readonly since: Instant;
  /** The last progress note, e.g. `pg_basebackup 42 %`. */
  readonly note: string | null;
  readonly cancelling: boolean;
};
