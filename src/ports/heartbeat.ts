import type { LeaseReport } from '../domain/lease.ts';
import type { LeaseId, MemberName, Revision } from '../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../domain/store-write.ts';
import type { Instant, Millis } from '../domain/time.ts';
import type { WatchdogSettings } from '../domain/watchdog.ts';
import type { GuardianMessage, GuardianReport } from './guardian.ts';

/** What the agent machine asks of its heartbeat. Each numbered command is answered once. */
export type HeartbeatCommand =
  /** The ttl to grant leases with; a change moves everything to a new lease. `steppedWithin`: see `stepped`. */
  | {
      readonly kind: 'configure';
      readonly ttl: Millis;
      readonly steppedWithin: Millis;
      readonly paused: boolean;
      /** A standby cluster whose PostgreSQL here is none that could write: no guardian is needed, and nobody may promote. */
      readonly cannotWrite?: true;
      /** For the guardian; absent: none is wanted. */
      readonly watchdog?: WatchdogSettings;
    }
  /** Arm the guardian, then create the lock under my lease if it is absent, then prove it. */
  | { readonly kind: 'acquire' }
  /** My name, another lease: arm the guardian, put my lease on the key if my name is still on it as it was seen. */
  | { readonly kind: 'adopt'; readonly createRevision: Revision; readonly modRevision: Revision }
  /** Every other member has promised to leave the lead to me for `ttl`, asked at `askedAt`: that extends the deadline, too. */
  | { readonly kind: 'extend-by-members'; readonly askedAt: Instant; readonly ttl: Millis }
  /**
   * Stop extending; have the guardian confirm that no process of the data directory could commit;
   * write `status` if given; delete the lock if its value is my name and its creation this one, and it is as it was last read.
   * In this order.
   */
  | { readonly kind: 'release'; readonly createRevision: Revision; readonly status: StoreWrite | null }
  | { readonly kind: 'disarm'; readonly evidence: string }
  /** The agent machine made a step without a defect. Without one for `steppedWithin` the lock is no longer extended. */
  | { readonly kind: 'stepped' }
  /** The agent leaves: end, and let the guardian end once it is not armed. */
  | { readonly kind: 'end' };

/** Answer to `acquire`, `adopt` and `release`. */
export type LockCommandOutcome =
  | { readonly kind: 'held'; readonly createRevision: Revision; readonly deadline: Instant }
  | { readonly kind: 'released' }
  /** The store answered, and the lock is not mine. */
  | { readonly kind: 'lost'; readonly why: string }
  /** Not done: no guardian, PostgreSQL still running, no lease, the store refuses. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Perhaps done; a later proof or view settles it. */
  | { readonly kind: 'no-answer'; readonly why: string };

/** What happens to the heartbeat machine. `sentAt` is when the request left: a lease counts from then. */
export type HeartbeatEvent = { readonly at: Instant } & HeartbeatHappening;

export type HeartbeatHappening =
  | { readonly kind: 'started' }
  | { readonly kind: 'timer' }
  | { readonly kind: 'command'; readonly id: number; readonly command: HeartbeatCommand }
  | { readonly kind: 'granted'; readonly id: number; readonly sentAt: Instant; readonly outcome: GrantOutcome }
  | { readonly kind: 'kept-alive'; readonly id: number; readonly sentAt: Instant; readonly outcome: KeepAliveOutcome }
  | { readonly kind: 'lock-read'; readonly id: number; readonly sentAt: Instant; readonly outcome: LockReadOutcome }
  | { readonly kind: 'written'; readonly id: number; readonly sentAt: Instant; readonly outcome: WriteOutcome }
  | { readonly kind: 'guardian'; readonly report: GuardianReport }
  /** The clocks show that the machine was suspended: everything proven before is void. */
  | { readonly kind: 'suspended' };

export type GrantOutcome =
  | { readonly kind: 'granted'; readonly lease: LeaseId; readonly ttl: Millis }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly reason: string };

export type KeepAliveOutcome =
  /** `term`: the store's election term as the answer named it, where the store has one (etcd: `raft_term`). */
  | { readonly kind: 'alive'; readonly ttl: Millis; readonly term?: bigint }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly reason: string };

/** A linearizable read of the `leader` key. */
export type LockReadOutcome =
  | {
      readonly kind: 'read';
      readonly revision: Revision;
      /** Another term than the keep-alive's proves nothing: a deposed store leader may have answered that one. */
      readonly term?: bigint;
      readonly lock: {
        readonly holder: MemberName;
        readonly lease: LeaseId | null;
        readonly createRevision: Revision;
        readonly modRevision: Revision;
      } | null;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'no-answer'; readonly reason: string };

export type HeartbeatEffect =
  | { readonly kind: 'set-timer'; readonly at: Instant }
  | { readonly kind: 'grant'; readonly id: number; readonly ttl: Millis; readonly limit: Millis }
  | { readonly kind: 'keep-alive'; readonly id: number; readonly lease: LeaseId; readonly limit: Millis }
  | { readonly kind: 'read-lock'; readonly id: number; readonly limit: Millis }
  | { readonly kind: 'write'; readonly id: number; readonly write: StoreWrite; readonly limit: Millis }
  /** The connection is late: use another endpoint from now on. */
  | { readonly kind: 'switch-endpoint' }
  /** Connect to the guardian of this data directory, or start one. */
  | { readonly kind: 'connect-guardian' }
  | { readonly kind: 'tell-guardian'; readonly message: GuardianMessage }
  | { readonly kind: 'report'; readonly report: LeaseReport }
  | { readonly kind: 'answer'; readonly id: number; readonly outcome: LockCommandOutcome }
  | { readonly kind: 'end' };
