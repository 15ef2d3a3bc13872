import type { LeaseId, Revision } from './names.ts';
import type { Instant, Millis } from './time.ts';
import type { WatchdogReport } from './watchdog.ts';

/** What the heartbeat last told the agent of its lease, the lock and the guardian. */
export type LeaseReport = {
  readonly at: Instant;
  readonly lease: { readonly id: LeaseId; readonly grantedTtl: Millis; readonly aliveUntil: Instant } | null;
  readonly lock: LockReport;
  /** `ready`: a guardian answered within its limit and knows the data directory. */
  readonly guardian: 'ready' | 'absent';
  /** Absent: no guardian has said anything of it (yet), or none is wanted. */
  readonly watchdog?: WatchdogReport;
  /** When the store last answered a renewal or proof; `null`: never yet. */
  readonly storeAnsweredAt: Instant | null;
  /** The store's last error in words, while it does not answer or refuses. */
  readonly storeTrouble: string | null;
};

/**
 * `held`: proven mine until `deadline`; no write may be acknowledged after it.
 * `isPromised`: the deadline is one that all other members gave, without the store; none of them has taken the lock.
 * `doubtful`: it was mine, and a proof has shown another holder, no lock, or another creation: nothing extends it now.
 */
export type LockReport =
  | { readonly kind: 'not-held' }
  | { readonly kind: 'held'; readonly createRevision: Revision; readonly deadline: Instant; readonly isPromised?: true }
  | {
      readonly kind: 'doubtful';
      readonly deadline: Instant;
      readonly why: string;
      readonly isPromised?: true;
    };
