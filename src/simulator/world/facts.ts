import type { LeaseId, MemberName, Revision, StoreKey, SystemId } from '../../domain/names.ts';
import type { PostgresTask } from '../../domain/task.ts';
import type { WalBranch } from '../postgres/wal-branch.ts';
import type { Place } from './network.ts';

/**
 * What really happened, as the world itself knows it: all that a checker sees. No fact comes from what a machine
 * believes, except where the fact is that it acted.
 */
export type Fact =
  /** The node begins, or ceases, to acknowledge writes of clients. */
  | { readonly kind: 'acknowledges'; readonly host: Place; readonly branch: WalBranch }
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
    }
  /** The store's leader granted or renewed a lease. `sentAt`: when the request left its sender, in world time. */
  | {
      readonly kind: 'lease-extended';
      readonly lease: LeaseId;
      readonly by: Place;
      readonly sentAt: number;
      readonly ttl: number;
    }
  | { readonly kind: 'promoting'; readonly host: Place }
  | { readonly kind: 'promoted'; readonly host: Place; readonly branch: WalBranch }
  /** The receiver took another branch of the same number for its own: the copy is corrupt and does not know it. */
  | {
      readonly kind: 'follows-another-history';
      readonly host: Place;
      readonly from: Place;
      readonly timeline: number;
    }
  | { readonly kind: 'cluster-created'; readonly host: Place; readonly systemId: SystemId }
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
      readonly sourceState: 'checkpointed-primary' | 'primary-without-checkpoint' | 'not-primary';
    }
  | { readonly kind: 'task-began'; readonly host: Place; readonly task: PostgresTask }
  | { readonly kind: 'fault'; readonly name: string; readonly host: Place | null }
  /** From here on the promise of docs/faults.md does not hold for this host (both agent and guardian gone, …). */
  | { readonly kind: 'excused'; readonly host: Place; readonly why: string }
  | { readonly kind: 'excuse-ended'; readonly host: Place }
  /** A leader key removed by hand: until the old deadline has passed two may lead (docs/faults.md). */
  | { readonly kind: 'lock-deleted-by-hand'; readonly holder: MemberName | null }
  | { readonly kind: 'defect'; readonly host: Place; readonly actor: string; readonly message: string }
  | { readonly kind: 'faults-over' };
