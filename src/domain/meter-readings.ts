import type { Millis } from './time.ts';

/** What the agent has counted and measured of itself since it started. For people and their monitoring: no rule reads it. */
export type MeterReadings = {
  /** How long the agent machine took for its steps. */
  readonly steps: HistogramReading;
  /** Steps that ended in a defect. */
  readonly defects: number;
  /** From a request's leaving to the store's answer, by kind of request; one that was not answered is not in it. */
  readonly store: ReadonlyMap<StoreRequestName, HistogramReading>;
  readonly unanswered: ReadonlyMap<StoreRequestName, number>;
  readonly promotions: ReadonlyMap<PromotionReason, number>;
  readonly lastPromotion: Promotion | null;
};

export type StoreRequestName = 'grant' | 'keep-alive' | 'read-lock' | 'write';

/** Spans in seconds. */
export type HistogramReading = {
  readonly buckets: readonly { readonly upTo: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
};

/** PostgreSQL here became a primary. */
export type Promotion = {
  readonly reason: PromotionReason;
  /**
   * From the last sign of the former leader (its last renewal, or the end of its lock) to here: about how long nobody could
   * write. `null`: nobody was seen leading before.
   */
  readonly writeGap: Millis | null;
};

/**
 * `bootstrap`: the cluster is new. `lease-ended`: the former leader was not heard of. `lock-released`: it gave the lock up,
 * or somebody deleted it. `own-restart`: this member led before. `unseen`: nobody knows how the former leader went.
 */
export type PromotionReason =
  | 'bootstrap'
  | 'switchover'
  | 'manual-failover'
  | 'lease-ended'
  | 'lock-released'
  | 'own-restart'
  | 'unseen';
