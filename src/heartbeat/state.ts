import type { LeaseReport } from '../domain/lease.ts';
import type { LeaseId, MemberName, Revision } from '../domain/names.ts';
import type { StoreWrite } from '../domain/store-write.ts';
import type { Instant, Millis } from '../domain/time.ts';
import { instant } from '../domain/time.ts';
import type { WatchdogReport, WatchdogSettings } from '../domain/watchdog.ts';

/** What the heartbeat knows: its lease, the lock, the guardian, and the requests under way. */
export type HeartbeatState = {
  readonly self: MemberName;
  /** `null` until the agent's first `configure`; nothing is granted before. */
  readonly settings: Settings | null;
  readonly life: 'running' | 'ended';
  /** When the agent machine last made a step without a defect; the first `configure` counts as one. */
  readonly steppedAt: Instant | null;
  /** Numbers requests to the store and messages to the guardian; an answer with another number is out of date. */
  readonly nextNumber: number;
  readonly lease: Lease | null;
  readonly grant: Grant;
  readonly renewal: Renewal;
  readonly store: StoreHealth;
  readonly lock: LockState;
  readonly work: LockWork | null;
  readonly guardian: GuardianLink;
  /** The last report and timer, so that only changes are told. */
  readonly reported: LeaseReport | null;
  readonly timerAt: Instant | null;
};

export type Settings = {
  readonly ttl: Millis;
  readonly steppedWithin: Millis;
  /** Nothing is to be fenced: the cluster is paused, or it follows another one and PostgreSQL here cannot write. */
  readonly paused: boolean;
  /** The latter: nothing may be promoted before a guardian is armed for it. */
  readonly cannotWrite: boolean;
  readonly watchdog?: WatchdogSettings;
};

/** The agent's single lease, on which its member key and the lock hang. */
export type Lease = {
  readonly id: LeaseId;
  readonly requestedTtl: Millis;
  readonly grantedTtl: Millis;
  /** By keep-alives alone, so no proof: a deposed store leader answers them, too. */
  readonly aliveUntil: Instant;
};

export type Grant =
  | { readonly kind: 'idle'; readonly notBefore: Instant }
  | { readonly kind: 'asked'; readonly id: number; readonly ttl: Millis };

/** One renewal at a time: a keep-alive, then, when there is a lock to prove, a linearizable read. */
export type Renewal =
  | { readonly kind: 'idle'; readonly dueAt: Instant }
  | { readonly kind: 'keep-alive'; readonly id: number; readonly lease: LeaseId; readonly counts: Counts }
  | {
      readonly kind: 'read';
      readonly id: number;
      readonly counts: Counts;
      readonly proof: Proof;
      /** Whom the read is for; one that left before the lock was written says nothing about the write. */
      readonly purpose: ReadPurpose;
    };

/** `void`: the machine was suspended since it was sent; whatever the answer is, it proves nothing. */
export type Counts = 'counts' | 'void';
export type ReadPurpose = { readonly kind: 'renewal' } | { readonly kind: 'work'; readonly startedAs: number };

/** Half a proof: the lease was alive when the keep-alive was sent. The read that follows completes it. */
export type Proof = {
  readonly lease: LeaseId;
  readonly sentAt: Instant;
  readonly ttl: Millis;
  readonly term: bigint | null;
};

export type StoreHealth = {
  readonly answeredAt: Instant | null;
  readonly trouble: string | null;
  /** Requests without an answer, one after the other. */
  readonly failures: number;
};

/**
 * `doubtful`: nothing extends it. What settles it: the next `proof`, when only time passed; a `command` (acquire,
 * adopt) of the agent, when the store showed something else or the agent gave it up. `promisedUntil`: until then all other
 * members leave the lead to me, without the store.
 */
export type LockState =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'held';
      readonly createRevision: Revision;
      /** As the last proof showed it. */
      readonly modRevision: Revision;
      readonly lease: LeaseId;
      readonly deadline: Instant;
      readonly promisedUntil: Instant | null;
    }
  | {
      readonly kind: 'doubtful';
      readonly createRevision: Revision;
      readonly modRevision: Revision;
      readonly lease: LeaseId;
      readonly deadline: Instant;
      readonly promisedUntil: Instant | null;
      readonly why: string;
      readonly settledBy: 'proof' | 'command';
    };

/** What is being done to the lock, one thing at a time. */
export type LockWork = Pursuit | Release;

/** Getting the lock under my lease: create it, or take over my own. */
export type Pursuit = {
  readonly kind: 'pursuit';
  /** Number of the pursuit itself; reads name it. */
  readonly startedAs: number;
  /** The command to answer; `null` for a move to a new lease that the heartbeat began itself. */
  readonly answerTo: number | null;
  readonly goal: PursuitGoal;
  readonly phase:
    | { readonly kind: 'prepare' }
    | { readonly kind: 'write'; readonly id: number }
    | { readonly kind: 'proof'; readonly written: WrittenAs };
  /** Whether the guardian guarded something before; otherwise it rests again when nothing comes of it. */
  readonly guardedBefore: boolean;
  readonly giveUpAt: Instant;
};

export type PursuitGoal =
  | { readonly kind: 'create' }
  | { readonly kind: 'take-over'; readonly createRevision: Revision; readonly modRevision: Revision };

/** `perhaps`: the write was not answered. `conflict`: a condition did not hold; perhaps an earlier write of mine. */
export type WrittenAs =
  | { readonly kind: 'written'; readonly createRevision: Revision }
  | { readonly kind: 'perhaps'; readonly why: string }
  | { readonly kind: 'conflict' };

export type Release = {
  readonly kind: 'release';
  readonly answerTo: number;
  readonly createRevision: Revision;
  readonly status: StoreWrite | null;
  readonly phase:
    | { readonly kind: 'prepare' }
    | { readonly kind: 'quiet'; readonly number: number }
    | { readonly kind: 'status' | 'look' | 'delete'; readonly id: number; readonly tries: number };
  /** A delete was not answered: what is not there any more, it may have deleted. */
  readonly mayBeDone: boolean;
  readonly giveUpAt: Instant;
};

export type GuardianLink = {
  readonly link:
    | { readonly kind: 'absent'; readonly retryAt: Instant }
    | { readonly kind: 'connecting'; readonly giveUpAt: Instant }
    | { readonly kind: 'connected'; readonly unanswered: readonly SentMessage[]; readonly lastSentAt: Instant };
  /** As the guardian itself last said; `null`: it rests. */
  readonly armedUntil: Instant | null;
  readonly wanted: GuardianWish;
  /** As this guardian last said of the one that is wanted; `null`: not yet. */
  readonly watchdog: WatchdogReport | null;
  /** One of an older version may run, and ignores what it does not understand. */
  readonly knowsWatchdogs: boolean;
  /** The last instant at which it was known to be ready; `null`: never. */
  readonly readyAt: Instant | null;
};

/** `isLate`: it should have left before; this process was stopped meanwhile, and the guardian perhaps as well. */
export type SentMessage = { readonly number: number; readonly at: Instant; readonly isLate: boolean };

/**
 * `as-found`: the agent has not said anything yet; a deadline that an earlier agent armed becomes its own.
 * Resting on `evidence`: the agent has proven PostgreSQL a standby or stopped, so a release need not ask again.
 * `not-my-lock`: nothing came of seeking it; PostgreSQL may be a primary that an earlier agent has left.
 */
export type GuardianWish =
  | { readonly kind: 'as-found' }
  | { readonly kind: 'armed'; readonly deadline: Instant; readonly isUnproven?: true }
  | {
      readonly kind: 'resting';
      readonly because: 'evidence' | 'paused' | 'nothing-to-guard' | 'not-my-lock';
      readonly words: string;
    };

export function initialHeartbeat(self: MemberName): HeartbeatState {
  const longAgo = instant(0);
  return {
    self,
    settings: null,
    life: 'running',
    steppedAt: null,
    nextNumber: 1,
    lease: null,
    grant: { kind: 'idle', notBefore: longAgo },
    renewal: { kind: 'idle', dueAt: longAgo },
    store: { answeredAt: null, trouble: null, failures: 0 },
    lock: { kind: 'none' },
    work: null,
    guardian: {
      link: { kind: 'absent', retryAt: longAgo },
      armedUntil: null,
      wanted: { kind: 'as-found' },
      watchdog: null,
      knowsWatchdogs: true,
      readyAt: null,
    },
    reported: null,
    timerAt: null,
  };
}
