import type { Lsn } from './lsn.ts';
import type { MemberName, Revision, SlotName, SystemId } from './names.ts';
import type { Member, PublishedRole } from './cluster-view.ts';
import type { Backoff } from './decision.ts';
import type { Instant } from './time.ts';
import type { Timeline, TimelineHistory } from './timeline.ts';

/** What must survive between steps (spec/ha.md 0.4). Changed only by the pure `remember`. Lost at a restart, which never allows more. */
export type Memory = {
  /** What this member last was; `unknown` until the first report. */
  readonly role: PublishedRole;
  /** Holder and members of the last view that had a holder. */
  readonly lastHolder: {
    readonly name: MemberName;
    readonly members: readonly Member[];
    readonly seenAt: Instant;
  } | null;
  /** The latest known own position, with the timeline it lies on. */
  readonly position: { readonly lsn: Lsn; readonly timeline: Timeline | null; readonly at: Instant } | null;
  /** I won the initialise race at this revision and have not published a cluster yet. */
  readonly bootstrapping: {
    readonly keyRevision: Revision;
    readonly phase: 'running' | 'created' | 'failed';
    readonly systemId: SystemId | null;
  } | null;
  /** Whether the data directory can follow the present leader. */
  readonly divergence: Divergence;
  /** PostgreSQL was running under this agent and vanished: since when, and how often it was restarted in place since. */
  readonly crash: { readonly since: Instant; readonly attempts: number } | null;
  /** Failed or refused decisions, by rule and target. */
  readonly backoffs: ReadonlyMap<string, Backoff>;
  /** `pending`: promoted on `timeline`, checkpoint not done; published so that nobody rewinds from us too early. */
  readonly checkpoint: { readonly kind: 'done' } | { readonly kind: 'pending'; readonly running: boolean };
  /** I gave leadership up for somebody else; I keep out of the race until then. */
  readonly yielded: { readonly to: MemberName | null; readonly until: Instant } | null;
  /** A switchover that I accepted as leader and am carrying out. */
  readonly handOver: {
    readonly candidate: MemberName | null;
    readonly requestRevision: Revision | null;
    readonly since: Instant;
  } | null;
  readonly wasPaused: boolean;
  /** The lock vanished while it was mine and nobody else was seen: deleted by hand. */
  readonly lockVanishedAt: Instant | null;
  /** Member slot → last time its member was present. */
  readonly slotSeen: ReadonlyMap<SlotName, Instant>;
  /** The agent was asked to stop. */
  readonly leaving: { readonly since: Instant } | null;
  /** The clean shutdown's last position, offered to the next leader. */
  readonly shutdownLsn: Lsn | null;
};

/**
 * `unchecked`: the upstream changed, or PostgreSQL stopped; find out before following.
 * `rewound`: pg_rewind succeeded; start it. `failed`: rewind did not work and needs what `allowed` by configuration.
 */
export type Divergence =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'fits'; readonly leader: MemberName; readonly leaderTimeline: Timeline }
  | { readonly kind: 'diverged'; readonly leader: MemberName; readonly leaderTimeline: Timeline; readonly why: string }
  | { readonly kind: 'rewind-failed'; readonly leader: MemberName; readonly attempts: number; readonly why: string };

/** What an upstream said of itself over a replication connection. */
export type LeaderHistory =
  | {
      readonly kind: 'known';
      readonly member: MemberName;
      readonly askedAt: Instant;
      readonly inRecovery: boolean;
      readonly systemId: SystemId;
      readonly history: TimelineHistory;
    }
  | { readonly kind: 'no-answer'; readonly member: MemberName; readonly askedAt: Instant; readonly reason: string };
