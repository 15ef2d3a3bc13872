import type { LeaseId, MemberName, Revision, SlotName, StoreKey, SystemId } from '../../domain/names.ts';
import type { ControlState } from '../../domain/postgres-report.ts';
import type { Tags } from '../../domain/tags.ts';
import type { PostgresTask, TaskOutcome } from '../../domain/task.ts';
import type { WatchdogReport } from '../../domain/watchdog.ts';
import type { Fault } from '../faults/fault.ts';
import type { SlotNews } from '../postgres/slots.ts';
import type { SyncRule } from '../postgres/sync-commit.ts';
import type { WalBranch } from '../postgres/wal-branch.ts';
import type { Place } from './network.ts';

/**
 * What really happened, as the world itself knows it: all that a checker sees. No fact comes from what a machine
 * believes, except where the fact is that it acted.
 */
export type Fact =
  /** The node begins, or ceases, to acknowledge writes of clients. `afterStandstill`: the same server goes on. */
  | {
      readonly kind: 'acknowledges';
      readonly host: Place;
      readonly branch: WalBranch;
      readonly afterStandstill?: true;
    }
  | { readonly kind: 'falls-quiet'; readonly host: Place }
  /** The store applied a change. `value` null: the key is gone. `by` null: an expired lease, or an operator's hand. */
  | {
      readonly kind: 'stored';
      readonly revision: Revision;
      readonly key: StoreKey;
      readonly value: string | null;
      readonly previous: string | null;
      readonly lease: LeaseId | null;
      readonly by: Place | null;
      /** A put: when the request left its sender. It may have been given up since. */
      readonly sentAt?: number;
    }
  /** The store's leader granted or renewed a lease. `sentAt`: when the request left its sender, in world time. */
  | {
      readonly kind: 'lease-extended';
      readonly lease: LeaseId;
      readonly by: Place;
      readonly sentAt: number;
      readonly ttl: number;
      /** When it was, if not now: what a leader said that had no majority for a moment counts once it has it back. */
      readonly at?: number;
    }
  /** `by` told `host`, a leader without the store, that it leaves the lead to it for `ttl` ms; asked at `sentAt`. */
  | {
      readonly kind: 'failsafe-agreed';
      readonly host: Place;
      readonly by: Place;
      readonly sentAt: number;
      readonly ttl: number;
    }
  /**
   * The sync key was written, or a member's new copy is complete, at this moment of the WAL: up to where primaries have told
   * clients in their present reign that their commits are done, and how far each member's WAL reaches, if it has any data.
   */
  | {
      readonly kind: 'electors-change';
      readonly acknowledged: readonly WalEnd[];
      readonly flushed: readonly WalEnd[];
      readonly withoutData: readonly Place[];
    }
  /** An answer of `by`, a standby, about where it is, and no further, reached the agent of `host`. */
  | { readonly kind: 'testified'; readonly host: Place; readonly by: Place }
  /** pg_promote was called, at `position` of `branch`; `rivals`: every other standby that runs at this moment. */
  | ({ readonly kind: 'promoting'; readonly rivals: readonly RivalEnd[] } & WalEnd)
  /** `acknowledged`: up to where every server ever told clients, as a primary, that their commits are done. */
  | {
      readonly kind: 'promoted';
      readonly host: Place;
      readonly branch: WalBranch;
      readonly acknowledged: readonly WalEnd[];
    }
  /** Whom a primary waits for changed, or a server became a primary. */
  | { readonly kind: 'names-in-force'; readonly host: Place; readonly rule: SyncRule | null }
  /** The receiver took another branch of the same number for its own: the copy is corrupt and does not know it. */
  | {
      readonly kind: 'follows-another-history';
      readonly host: Place;
      readonly from: Place;
      readonly timeline: number;
      /** `false`: the receiver reconnected by itself, to a server that meanwhile has that branch. */
      readonly askedFor: boolean;
    }
  | { readonly kind: 'cluster-created'; readonly host: Place; readonly systemId: SystemId }
  /** Other processes than before run on the data directory. `files` null: it holds no cluster. */
  | { readonly kind: 'server'; readonly host: Place; readonly state: ServerState; readonly files: FilesState | null }
  /** A checkpoint of a primary is done on this branch. */
  | { readonly kind: 'checkpointed'; readonly host: Place; readonly branch: WalBranch }
  /** A replication slot came, went or was moved on by the agent. `replayed`: how far this server was then. */
  | { readonly kind: 'slot'; readonly host: Place; readonly news: SlotNews; readonly replayed: number }
  /** The consumer of a logical slot got what lies between, and confirmed it. */
  | {
      readonly kind: 'slot-consumed';
      readonly host: Place;
      readonly branch: WalBranch;
      readonly name: SlotName;
      readonly from: number;
      readonly to: number;
    }
  /** The data directory holds other files. `systemId` null: no cluster's. */
  | { readonly kind: 'files-replaced'; readonly host: Place; readonly systemId: SystemId | null }
  /** A copy of another member's data lies here, and is complete. */
  | { readonly kind: 'copied'; readonly host: Place }
  | {
      readonly kind: 'data-removed';
      readonly host: Place;
      readonly had: 'nothing' | 'remains' | 'cluster';
      readonly task: PostgresTask;
    }
  | {
      readonly kind: 'rewinding';
      readonly host: Place;
      readonly from: Place;
      readonly localServer: 'down' | 'up';
      readonly localFiles: 'consistent' | 'before-backup-end' | 'crash-recovery';
      readonly sourceState: 'checkpointed-primary' | 'primary-without-checkpoint' | 'not-primary';
    }
  /** The agent asked for a task, whether or not the performer takes it. */
  /** A person ordered a new copy here, and was told that it begins. */
  | { readonly kind: 'copy-ordered'; readonly host: Place }
  | { readonly kind: 'task-began'; readonly host: Place; readonly task: PostgresTask }
  /** `broken-off`: cancelled, or its agent died. */
  | {
      readonly kind: 'task-ended';
      readonly host: Place;
      readonly task: PostgresTask;
      readonly how: TaskOutcome['kind'] | 'broken-off';
    }
  /** An agent's process begins, with a configuration that lets it lead or not. */
  | { readonly kind: 'agent-began'; readonly host: Place; readonly tags: Tags }
  /** An agent reaches for the lock, and would tell people that `former` last renewed its lease so long ago, at least. */
  | { readonly kind: 'seeks-lock'; readonly host: Place; readonly former: Place; readonly renewedBeforeMs: number }
  /**
   * A picture of the store was handed to an agent that runs. `holder`: whom its lock names. `paused`: what its configuration
   * says; null: it holds none that can be read, and the last one counts.
   */
  | {
      readonly kind: 'picture-seen';
      readonly host: Place;
      readonly revision: Revision;
      readonly holder: Place | null;
      readonly paused: boolean | null;
    }
  /** The guardian got word to fence at `deadline`, in world time; null: to rest. */
  | { readonly kind: 'guardian-told'; readonly host: Place; readonly deadline: number | null }
  | { readonly kind: 'guardian-began'; readonly host: Place }
  | { readonly kind: 'guardian-ended'; readonly host: Place }
  /** The machine's watchdog was started or fed: unless that happens again it resets the machine at `firesAt`. */
  | { readonly kind: 'watchdog-fed'; readonly host: Place; readonly firesAt: number }
  | { readonly kind: 'watchdog-stopped'; readonly host: Place }
  /** The guardian said how it is: whether anybody may rely on it. */
  | { readonly kind: 'watchdog-told'; readonly host: Place; readonly how: WatchdogReport['kind'] }
  | { readonly kind: 'watchdog-reset'; readonly host: Place }
  /** A fault with a `span` lasts that long, or until `faults-over`. */
  | { readonly kind: 'fault'; readonly fault: Fault; readonly host: Place | null }
  /** Seen from outside, now and then: a leader accepts writes and everybody that has power streams; or not so. */
  | { readonly kind: 'health'; readonly health: 'well' | 'unwell' }
  /** From here on the promise of docs/faults.md does not hold for this host (both agent and guardian gone, …). */
  | { readonly kind: 'excused'; readonly host: Place; readonly why: string }
  | { readonly kind: 'excuse-ended'; readonly host: Place; readonly why: string }
  /** A leader key removed by hand: until the old deadline has passed two may lead (docs/faults.md). */
  | { readonly kind: 'lock-deleted-by-hand'; readonly holder: MemberName | null }
  | { readonly kind: 'defect'; readonly host: Place; readonly actor: string; readonly message: string }
  | { readonly kind: 'faults-over' };

/** Where a server's WAL ends. */
export type WalEnd = { readonly host: Place; readonly branch: WalBranch; readonly position: number };

/** `hasGrown`: it catches up with a server that lives, or did a moment ago: what it told then of itself was less. */
export type RivalEnd = WalEnd & { readonly hasGrown?: true };

export type ServerState = 'down' | 'orphaned' | 'starting' | 'primary' | 'standby' | 'stopping';

/** What the control file and the WAL of a data directory say. */
export type FilesState = {
  readonly systemId: SystemId;
  readonly branch: WalBranch;
  readonly position: number;
  /** Where the record of the last checkpoint begins. */
  readonly checkpointAt: number;
  readonly control: ControlState;
  readonly isHalfRewound: boolean;
};
