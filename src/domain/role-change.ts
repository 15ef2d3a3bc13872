import type { Decision } from './decision.ts';
import type { Lsn } from './lsn.ts';
import type { MemberName } from './names.ts';
import type { RuleName } from './rule.ts';
import type { Millis, WallTime } from './time.ts';
import type { Timeline } from './timeline.ts';

/** When and by which rule PostgreSQL here last became a primary, or stopped being one. For people: no rule reads it. */
export type RoleChange = {
  readonly to: 'primary' | 'demoted';
  readonly rule: RuleName;
  readonly at: WallTime;
  readonly facts: Decision['facts'];
};

/** What was known when this member last reached for the lock. For people: no rule reads it. */
export type Race = {
  readonly outcome: 'not-answered' | 'won' | 'failed';
  readonly rule: RuleName;
  readonly at: WallTime;
  readonly facts: Decision['facts'];
  /** Who led before, and how that ended; `null`: nobody was seen leading since this agent started. */
  readonly former: { readonly name: MemberName; readonly end: LockEnd } | null;
  /** How long nobody had the lock; `null`: it was never seen held, or somebody had it yet. */
  readonly unledFor: Millis | null;
  /**
   * The former leader's last renewal is at least so long ago: a lease that ended was not renewed for its whole length.
   * `null`: it gave the lock up, or nobody knows.
   */
  readonly renewedBefore: Millis | null;
  readonly own: Standing;
  readonly others: readonly Beaten[];
};

/**
 * How a lock went, as the pictures of the store showed it. `lease-ended`: together with its holder's member key, which
 * hangs on the same lease. `lock-removed`: alone, so its holder gave it up or somebody deleted it. `unseen`: pictures are
 * missing in between.
 */
export type LockEnd = 'lease-ended' | 'lock-removed' | 'unseen';

/** Where a candidate stood; `null`: not known. */
export type Standing = {
  readonly name: MemberName;
  readonly timeline: Timeline | null;
  readonly position: Lsn | null;
};

export type Beaten = Standing & { readonly because: string };
