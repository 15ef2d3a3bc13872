import type { Member, PublishedRole, SyncKey } from './cluster-view.ts';
import type { Backoff } from './decision.ts';
import type { DesiredPostgres } from './desired-postgres.ts';
import type { FailsafeMembers, FailsafePromise } from './failsafe.ts';
import type { Lsn } from './lsn.ts';
import type { LeaseId, MemberName, Revision, SlotName, SystemId } from './names.ts';
import type { Order, RestartEnd, ScheduledRestart } from './orders.ts';
import type { LockEnd, Race, RoleChange } from './role-change.ts';
import type { SameWal } from './shared-branch.ts';
import type { Instant, Millis } from './time.ts';
import type { Timeline, TimelineHistory } from './timeline.ts';

/**
 * What must survive between steps (spec/ha.md 0.4). Changed only by the pure `remember`.
 * Lost at a restart of the agent; an empty memory never allows more than a full one.
 */
export type Memory = {
  readonly startedAt: Instant;
  /** Were the first files that this agent found those of a primary? `null`: none were found yet. */
  readonly foundPrimary: boolean | null;
  /** What this member last was. `unknown` until the first report. */
  readonly role: PublishedRole;
  /** Holder and members of the last view that had a holder. */
  readonly lastHolder: {
    readonly name: MemberName;
    readonly members: readonly Member[];
    readonly seenAt: Instant;
    /** The picture that showed it last. Of what came after that, and was missed, it says nothing. */
    readonly revision?: Revision;
  } | null;
  /** Since when no view shows a holder; `null` while one does. */
  readonly unlockedSince: Instant | null;
  /** The first of these views; `null` while one shows a holder. */
  readonly unlockedAt: Revision | null;
  /** The last own position that was seen; `movedAt`: when it was first seen there. */
  readonly position: {
    readonly lsn: Lsn;
    readonly timeline: Timeline | null;
    readonly at: Instant;
    readonly movedAt: Instant;
  } | null;
  readonly bootstrap: Bootstrap;
  /** Since when the initialise key says "in progress" and no member is seen that could be at it. */
  readonly initializeAbandonedSince: Instant | null;
  readonly divergence: Divergence;
  /** The last leader that what lies here was found to have parted from, and its timeline, where that is known. */
  readonly parted: { readonly from: MemberName; readonly timeline: Timeline | null } | null;
  /**
   * The timeline that PostgreSQL here was last a primary on; `null` once that belongs to a later leader's history, or is gone.
   * `newest`: on the last one that lies here, as an earlier agent left it; its number shows when all of that is replayed.
   */
  readonly ledOn: Timeline | 'newest' | null;
  /** Since when the member that `replicatefrom` names runs under this leader and has no WAL to pass on to this one. */
  readonly dryUpstreamSince: Instant | null;
  /** PostgreSQL vanished though nobody stopped it: since when, and how often it was started in place since. */
  readonly crash: { readonly since: Instant; readonly attempts: number } | null;
  /** Since when the server rejects connections or is silent, without a task that explains it. */
  readonly unavailableSince: Instant | null;
  /** Since when PostgreSQL could write here, outside a pause, and no lock of mine was proven. */
  readonly unprovenSince: Instant | null;
  /** Decisions that failed, by rule; not repeated before their time. */
  readonly backoffs: ReadonlyMap<string, Backoff>;
  readonly checkpoint: PromotionCheckpoint;
  /** The creation of the lock under which PostgreSQL was last a primary here. */
  readonly reign: Revision | null;
  /** How and when the lock now held came into my hands. */
  readonly acquired: {
    readonly createRevision: Revision;
    readonly at: Instant;
    readonly how: 'race' | 'adopted';
  } | null;
  /** The creation of the lock that I gave away: a late view of it is not mine any more. */
  readonly released: Revision | null;
  readonly lockContinuity: LockContinuity;
  /** I gave leadership up in somebody's favour and keep out of the race until then. */
  readonly yielded: { readonly to: MemberName | null; readonly until: Instant } | null;
  /** A switchover or failover that I accepted as leader and carry out: stop, release, follow. */
  readonly handOver: { readonly candidate: MemberName | null; readonly since: Instant } | null;
  /** Where PostgreSQL here was found shut down as a primary, unless anything was begun since. */
  readonly shutDownAt: Lsn | null;
  /** To whom I left the lead, when the store did not answer them. */
  readonly promise: FailsafePromise | null;
  /** Whom the lists name that I wrote last, or tried to, in place of the list of the revision `over`. */
  readonly failsafeSent: { readonly members: FailsafeMembers; readonly over: Revision | null } | null;
  /** The guardian was told to rest since the lock was last sought. `false` after a start: an earlier agent may have armed it. */
  readonly guardianRests: boolean;
  /** When the operator's `pre_promote` last said no to a promotion. */
  readonly vetoedAt: Instant | null;
  readonly wasPaused: boolean;
  /** When the last pause was seen to be over. */
  readonly resumedAt: Instant | null;
  /** Member slots that this agent manages, and when their member was last present. */
  readonly slotSeen: ReadonlyMap<SlotName, Instant>;
  /** Physical slots that lay here when this agent first saw its server, and when that was. `null`: it has not yet. */
  readonly slotsFound: { readonly at: Instant; readonly names: ReadonlySet<SlotName> } | null;
  /** Logical slots here that could not be moved on: their WAL, or what else they need, is gone. Only a copy helps. */
  readonly slotsUnusable: ReadonlySet<SlotName>;
  /**
   * Logical slots that could not be copied, since they would have been of no use here, and where the leader's stood then:
   * not before their consumer goes on is there any more use in them.
   */
  readonly slotsNotYet: ReadonlyMap<SlotName, Lsn>;
  /** Logical slots here that are known to be of use after a failover, since PostgreSQL was last started. */
  readonly slotsSafe: ReadonlySet<SlotName>;
  /** Since when the agent is asked to stop. */
  readonly leaving: Instant | null;
  /** What an operator ordered, while it is not done. */
  readonly order: Order | null;
  /** How the restart ended that a request waited for. */
  readonly restartEnd: { readonly request: number; readonly end: RestartEnd } | null;
  readonly scheduledRestart: ScheduledRestart | null;
  /** What PostgreSQL's files were last made to say by this agent. */
  readonly applied: DesiredPostgres | null;
  /** A stop of PostgreSQL was broken off, and nobody has looked since: it may run on. */
  readonly stopCutShort: boolean;
  /** A person asked for a reload: the files are to be written and read again, whatever was written last. */
  readonly reloadDue: boolean;
  /** Are the files here what this agent's rewind left, and not its copy? `null`: not known, or a server was consistent on them. */
  readonly rewound: boolean | null;
  /** Whom this agent has made the copy here of, while no server was consistent on it yet; `null`: of nobody, or not known. */
  readonly copiedFrom: string | null;
  /** The same of whom it was rewound from. */
  readonly rewoundFrom: string | null;
  readonly sync: SyncMemory;
  /** When a standby was last restarted so that it turns to its leader's timeline. */
  readonly restartedToFollowAt: Instant | null;
  /** When the receiver of a standby was last told to try again at once. */
  readonly receiverWokenAt: Instant | null;
  /** The longest `ttl` in force while the lock was last seen under one lease; `null`: none was seen. */
  readonly longestTtl: Millis | null;
  /**
   * The lease that the lock was last seen under, and the shortest `ttl` in force meanwhile. This and what follows is for
   * people: no rule reads it.
   */
  readonly lockLease: { readonly id: LeaseId | null; readonly ttl: Millis } | null;
  /** How the lock went that nobody has now; `null` while somebody has it. */
  readonly lockEnd: LockEnd | null;
  readonly race: Race | null;
  readonly roleChange: RoleChange | null;
};

/** What a synchronous mode has to remember between two looks (docs/adr/0007-synchronous-replication.md). */
export type SyncMemory = {
  /**
   * `synchronous_standby_names` as this primary shows them, since when, and its position a moment later: whoever has that
   * has all that was acknowledged under other names. `isHeeded`: commits do wait, since they waited for somebody before,
   * or the checkpointer was seen to have read the first names. `null`: no primary runs here.
   */
  readonly inForce: {
    readonly text: string;
    readonly since: Instant;
    readonly mark: Lsn | null;
    readonly isHeeded: boolean;
  } | null;
  /** The names that were last written, and when. */
  readonly written: { readonly text: string; readonly at: Instant } | null;
  /** PostgreSQL became a primary here; until then missing standbys are waited for. */
  readonly reattachUntil: Instant | null;
  /** Since when commits wait for nobody though they should; and for how long they did, the last time. */
  readonly unprotectedSince: Instant | null;
  readonly unprotectedFor: Millis | null;
  /** The key's revision by my last write of it that was answered, unless one since was not: that one may still come. */
  readonly keySettled: Revision | null;
  /** The key as last seen while the mode is on; `lastKeyUnder`: the revision of the configuration then. */
  readonly lastKey: SyncKey | null;
  readonly lastKeyUnder: Revision | null;
};

/**
 * `mine`: the last view shows the lock as mine. `vanished`: an unbroken chain of views showed it mine, then absent,
 * and nobody else in between: it was deleted by hand. `unknown`: anything else.
 */
export type LockContinuity =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'mine'; readonly createRevision: Revision; readonly modRevision: Revision }
  | { readonly kind: 'vanished'; readonly createRevision: Revision; readonly at: Instant };

/**
 * `won`: the initialise key is mine, and the lock comes next, so that nothing starts unguarded. `created`: the new cluster
 * runs here under it, and the key does not bear its identifier yet.
 */
export type Bootstrap =
  | { readonly kind: 'none' }
  | { readonly kind: 'won'; readonly keyRevision: Revision }
  | { readonly kind: 'created'; readonly keyRevision: Revision; readonly systemId: SystemId | null }
  | { readonly kind: 'failed'; readonly keyRevision: Revision; readonly reason: string };

/** Whether what lies in the data directory can follow the present leader. `rewind-failed`: diverged, and beyond pg_rewind. */
export type Divergence =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'fits'; readonly leader: MemberName; readonly leaderTimeline: Timeline }
  | {
      readonly kind: 'diverged';
      readonly leader: MemberName;
      readonly leaderTimeline: Timeline;
      readonly why: string;
      /** The timeline that lies here is no part of the leader's history: it has to go, however little lies on it. */
      readonly isForeign?: true;
    }
  /** It fits, and can never go on: the leader has removed the WAL that comes next, and no archive has it. */
  | {
      readonly kind: 'starved';
      readonly leader: MemberName;
      readonly leaderTimeline: Timeline;
      readonly why: string;
      /** Not consistent yet, it was not compared: that it fits is not known. */
      readonly isUncompared?: true;
    }
  | {
      readonly kind: 'rewind-failed';
      readonly leader: MemberName;
      /** The leader's, when that was found. Absent: it does not go by what the leader is. */
      readonly leaderTimeline?: Timeline;
      readonly attempts: number;
      /** pg_rewind broke off, again and again: where no copy is allowed it is tried once more then. */
      readonly again?: Instant;
      readonly why: string;
      /** It was rewound, and does not start: for want of WAL, or of something that comes back, like room on the disk. */
      readonly doesNotStart?: true;
      /** It has not replayed all that was copied. Once it has, that is over. */
      readonly beforeBackupEnd?: true;
    };

/** `pending`: promoted, and no checkpoint on the new timeline yet; published so that nobody rewinds from us too early. */
export type PromotionCheckpoint =
  | { readonly kind: 'done' }
  | { readonly kind: 'pending'; readonly since: Instant }
  | { readonly kind: 'running'; readonly since: Instant };

/** What an upstream said of itself over a replication connection. */
export type LeaderHistory =
  | {
      readonly kind: 'known';
      readonly member: MemberName;
      readonly askedAt: Instant;
      readonly inRecovery: boolean;
      /** Of one in recovery: how far the WAL goes that it has. Absent: it does not say. */
      readonly walEnd?: Lsn;
      readonly systemId: SystemId;
      readonly history: TimelineHistory;
      /** What lies here, compared with what lies there. */
      readonly sameWal: SameWal;
      /** The WAL that comes after what lies here: does it still lie there? Absent: nobody could tell. */
      readonly nextWal?: 'kept' | 'removed';
    }
  | { readonly kind: 'no-answer'; readonly member: MemberName; readonly askedAt: Instant; readonly reason: string };
