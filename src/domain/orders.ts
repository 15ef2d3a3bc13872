import type { PublishedRole } from './cluster-view.ts';
import type { Instant, Millis, WallTime } from './time.ts';

/** What an operator asks of a restart (spec/rest-api.md 13). */
export type RestartWish = {
  readonly filters: RestartFilters;
  /** How long PostgreSQL may take to start; `null`: `primary_start_timeout`. */
  readonly timeout: Millis | null;
};

/** Only where all of them are met. */
export type RestartFilters = {
  readonly role: PublishedRole | null;
  /** Only a server that is older. `number`: as `server_version_num` counts. */
  readonly olderThan: { readonly text: string; readonly number: number } | null;
  /** Only where a parameter waits for it; `null`: not asked for. The value is kept as posted: that it is there counts. */
  readonly restartPending: { readonly posted: boolean } | null;
};

/** A restart that waits for its time. It is lost when the agent ends. */
export type ScheduledRestart = RestartWish & {
  readonly at: WallTime;
  /** As asked for: ISO 8601 with an offset. */
  readonly text: string;
  /** The postmaster that is to be restarted: another one is new already. */
  readonly postmaster: { readonly pid: number; readonly startedAt: WallTime };
};

/** What an operator ordered, and has not come to its end: one at a time. */
export type Order = RestartOrder | CopyOrder;

export type RestartOrder = {
  readonly kind: 'restart';
  /** The request that waits for it. */
  readonly request: number;
  readonly timeout: Millis | null;
  /** Not begun by then, it lapses. */
  readonly until: Instant;
  readonly begun: boolean;
};

/** A new copy of the leader's data in place of what lies here. */
export type CopyOrder = {
  readonly kind: 'reinitialize';
  /** Of the leader, by a base backup, whatever else is configured. */
  readonly fromLeader: boolean;
  /** The task that gives way to it. */
  readonly cancels: number | null;
  /** `copied`: a new copy lies here and has to be started. */
  readonly stage: 'wanted' | 'copied';
};

/** `late`: it goes on starting. */
export type RestartEnd = 'done' | 'late' | 'failed';
