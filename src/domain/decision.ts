import type { DesiredPostgres, Upstream } from './desired-postgres.ts';
import type { FailsafeMembers } from './failsafe.ts';
import type { Lsn } from './lsn.ts';
import type { MemberName, Revision } from './names.ts';
import type { RuleName } from './rule.ts';
import type { StoreWrite } from './store-write.ts';
import type { PostgresTask } from './task.ts';
import type { Instant, Millis } from './time.ts';

/** What to do now, which rule says so, what speaks for it and which alternatives were refused. */
export type Decision = {
  readonly rule: RuleName;
  readonly action: Action;
  /** The facts that the rule acted on, for people: short, without secrets. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
  readonly refused: readonly Refusal[];
};

export type Refusal = { readonly alternative: string; readonly because: string };

export type Action =
  /** Nothing to change. */
  | { readonly kind: 'stay' }
  /** Something is under way or missing; `until` is when to look again without any event, if ever. */
  | { readonly kind: 'wait'; readonly for: string; readonly until: Instant | null }
  /** `maxAge`: they are asked again, within the limit, until what they saw of PostgreSQL is no older. */
  | { readonly kind: 'ask-peers'; readonly members: readonly MemberName[]; readonly maxAge?: Millis }
  /** Learn the upstream's timeline, its history and whether it is a primary. */
  | { readonly kind: 'ask-history'; readonly upstream: Upstream }
  /** Ask all of them to leave the lead to me, since the store does not confirm it. */
  | { readonly kind: 'ask-failsafe'; readonly members: FailsafeMembers }
  /** All of them have agreed to what they were asked then: the lock's deadline moves to one `ttl` after that. */
  | { readonly kind: 'extend-by-members'; readonly askedAt: Instant }
  | { readonly kind: 'acquire-lock' }
  /** Take over my own lock that another lease of mine (before a restart) created. */
  | { readonly kind: 'adopt-lock'; readonly createRevision: Revision; readonly modRevision: Revision }
  /**
   * Heartbeat stopped, PostgreSQL proven down, status written, lock deleted: in this order, as one effect. `evidence`: why
   * PostgreSQL may go on all the same, without a guardian.
   */
  | {
      readonly kind: 'release-lock';
      readonly createRevision: Revision;
      readonly lastLsn: Lsn | null;
      readonly evidence?: string;
    }
  /** PostgreSQL is proven a standby or stopped, or the cluster is paused: the guardian may rest. */
  | { readonly kind: 'disarm-guardian'; readonly evidence: string }
  | { readonly kind: 'run'; readonly task: PostgresTask }
  | { readonly kind: 'cancel-task'; readonly why: string }
  /** Write PostgreSQL's files and reload. */
  | { readonly kind: 'reconfigure'; readonly desired: DesiredPostgres }
  | { readonly kind: 'write'; readonly write: StoreWrite }
  | { readonly kind: 'exit'; readonly code: number; readonly message: string };

/** A decision that did not work out is not repeated before its back-off has passed. */
export type Backoff = {
  readonly until: Instant;
  readonly failures: number;
  readonly reason: string;
  readonly span: Millis;
};
