import type { AgentConfig, EffectivePostgres } from './agent-config.ts';
import type { ClusterView } from './cluster-view.ts';
import type { DynamicConfig, Timings } from './dynamic-config.ts';
import type { FailsafeRound } from './failsafe.ts';
import type { LeaseReport } from './lease.ts';
import type { LeaderHistory } from './memory.ts';
import type { MemberName } from './names.ts';
import type { PeerAnswer } from './peer.ts';
import type { PostgresReport } from './postgres-report.ts';
import type { RunningTask } from './task.ts';
import type { Instant, WallTime } from './time.ts';

/** Everything one step looks at, as one immutable value. */
export type Observation = {
  readonly now: Instant;
  readonly wallNow: WallTime;
  readonly config: AgentConfig;
  /** The last valid dynamic configuration. */
  readonly dynamic: DynamicConfig;
  /** Its timings after correction for the members present. */
  readonly timings: Timings;
  readonly effective: EffectivePostgres;
  readonly store: StoreObservation;
  /** `null`: not looked yet. */
  readonly postgres: PostgresReport | null;
  /** `false`: something was done to PostgreSQL since that look; the next one is under way. */
  readonly postgresIsCurrent: boolean;
  /** `null`: the heartbeat has not reported yet. */
  readonly lease: LeaseReport | null;
  /** The latest answer of each peer, or that it gave none. */
  readonly peers: ReadonlyMap<MemberName, PeerAnswer>;
  /** When peers were last asked; `null`: never. */
  readonly peersAskedAt: Instant | null;
  /** The last time the members were asked to leave the lead to me; `null`: never. */
  readonly failsafe: FailsafeRound | null;
  readonly leaderHistory: LeaderHistory | null;
  /** My own server's timeline history, asked after a promotion to publish it. */
  readonly ownHistory: LeaderHistory | null;
  readonly task: RunningTask | null;
};

/**
 * `settled`: the view contains all of my own writes, and nothing I wrote is still perhaps applied.
 * `unsettled`: a later view has to come first. `silent`: the store stopped answering, the view is old.
 */
export type StoreObservation =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'settled'; readonly view: ClusterView; readonly receivedAt: Instant }
  | { readonly kind: 'unsettled'; readonly view: ClusterView; readonly receivedAt: Instant; readonly why: string }
  | { readonly kind: 'silent'; readonly view: ClusterView | null; readonly since: Instant; readonly reason: string };

/** The latest picture of the store, however old. */
export function latestView({ store }: Observation): ClusterView | null {
  return store.kind === 'unknown' ? null : store.view;
}
