import { wait } from '../decide/conclude.ts';
import { emptyMemory } from '../decide/remember.ts';
import type { syncIsUnderWay } from '../decide/sync-replication.ts';
import type { AgentConfig, EffectivePostgres } from '../domain/agent-config.ts';
import type { ClusterView } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { DynamicConfig, Timings } from '../domain/dynamic-config.ts';
import { effectiveUnder } from '../domain/effective-postgres.ts';
import type { FailsafeRound } from '../domain/failsafe.ts';
import type { LeaseReport } from '../domain/lease.ts';
import type { LeaderHistory, Memory } from '../domain/memory.ts';
import type { MemberName, Revision } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import type { PostgresReport } from '../domain/postgres-report.ts';
import type { RunningTask } from '../domain/task.ts';
import type { Instant, WallTime } from '../domain/time.ts';
import { correctTimings } from '../domain/timings.ts';
import type { UpkeepName } from '../domain/upkeep.ts';
import type { AgentTimer } from '../ports/events.ts';
import { type CallbackMemory, nothingTold } from './callback-memory.ts';
import type { PendingRequest } from './pending-request.ts';

/** Everything that the agent machine knows. Only `stepAgent` makes a new one. */
export type AgentState = {
  readonly now: Instant;
  readonly wallNow: WallTime;
  readonly config: AgentConfig;
  readonly dynamic: DynamicConfig;
  readonly timings: Timings;
  readonly effective: EffectivePostgres;
  readonly memory: Memory;

  readonly view: ClusterView | null;
  readonly viewAt: Instant | null;
  readonly viewWallAt: WallTime | null;
  /** When a picture last showed another lock than the one before. */
  readonly lockChangedAt: Instant;
  /** The store stopped delivering views: since when and why. */
  readonly storeSilent: { readonly since: Instant; readonly reason: string } | null;
  /** The newest revision that a write of mine was answered with. */
  readonly ownRevision: Revision | null;
  /** When that answer came. */
  readonly ownRevisionAt: Instant | null;
  /** A write of mine was perhaps applied; the next view settles it. */
  readonly perhapsWritten: string | null;

  readonly postgres: PostgresReport | null;
  /** A look counts only when it began at or after this. */
  readonly lookAfter: Instant;
  readonly lease: LeaseReport | null;
  readonly peers: ReadonlyMap<MemberName, PeerAnswer>;
  readonly peersAskedAt: Instant | null;
  /** The last round of asking the members to leave the lead to me. */
  readonly failsafe: FailsafeRound | null;
  readonly leaderHistory: LeaderHistory | null;
  readonly historyAsked: boolean;
  readonly ownHistory: LeaderHistory | null;

  readonly task: (RunningTask & { readonly decision: Decision }) | null;
  /** The lock command, write or reconfiguration that was decided and is not answered yet. */
  readonly inFlight: { readonly id: number; readonly decision: Decision } | null;
  /** Upkeep under way, by effect number; and when each kind was last begun. */
  readonly upkeepInFlight: ReadonlyMap<number, UpkeepName>;
  readonly upkeepDone: ReadonlyMap<UpkeepName, Instant>;
  /** Upkeep that failed rests until then. `isRefused`: the store answered, and will not have it. */
  readonly upkeepRest: ReadonlyMap<
    UpkeepName,
    { readonly until: Instant; readonly reason: string; readonly isRefused: boolean }
  >;
  readonly requests: readonly PendingRequest[];
  readonly callbacks: CallbackMemory;

  readonly decision: Decision;
  readonly decidedAt: WallTime;
  /** The picture that it was decided on contained all that I had written. */
  readonly isDecisionSettled: boolean;
  /** The last decision that was logged as a change; what comes back to it after a moment is none. */
  readonly logged: Decision | null;
  /** The timers that are set, and when the next look at PostgreSQL begins at the latest. */
  readonly timers: { readonly [Name in AgentTimer]: Instant | null };
  readonly lookAt: Instant | null;
  /** Whether commits wait for a standby, or for nobody, as the last step left it. */
  readonly awaitsStandbys: ReturnType<typeof syncIsUnderWay>;
  /** When the heartbeat was last told that the machine makes steps. */
  readonly lifeShownAt: Instant | null;
  readonly nextId: number;
};

/** A just started agent: `dynamic` is what it goes by until the store tells (cache or `bootstrap.dcs`). */
export function initialAgentState(start: {
  readonly at: Instant;
  readonly wallAt: WallTime;
  readonly config: AgentConfig;
  readonly dynamic: DynamicConfig;
}): AgentState {
  const { at, wallAt, config, dynamic } = start;
  return {
    now: at,
    wallNow: wallAt,
    config,
    dynamic,
    timings: correctTimings(dynamic, { foreignMemberPresent: false }),
    effective: effectiveUnder(config, dynamic).effective,
    memory: emptyMemory(at),
    view: null,
    viewAt: null,
    viewWallAt: null,
    lockChangedAt: at,
    storeSilent: null,
    ownRevision: null,
    ownRevisionAt: null,
    perhapsWritten: null,
    postgres: null,
    lookAfter: at,
    lease: null,
    peers: new Map(),
    peersAskedAt: null,
    failsafe: null,
    leaderHistory: null,
    historyAsked: false,
    ownHistory: null,
    task: null,
    inFlight: null,
    upkeepInFlight: new Map(),
    upkeepDone: new Map(),
    upkeepRest: new Map(),
    requests: [],
    callbacks: nothingTold,
    decision: wait('look-first', 'the first look'),
    decidedAt: wallAt,
    isDecisionSettled: false,
    logged: null,
    timers: { loop: null, wake: null },
    lookAt: null,
    awaitsStandbys: 'no',
    lifeShownAt: null,
    nextId: 1,
  };
}
