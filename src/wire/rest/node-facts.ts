import { isSynchronousMember } from '../../domain/cluster-overview.ts';
import type { ClusterView } from '../../domain/cluster-view.ts';
import type { DynamicConfig } from '../../domain/dynamic-config.ts';
import { furthestLsn, type Lsn } from '../../domain/lsn.ts';
import { memberRole, memberState, type PostgresState } from '../../domain/member-state.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import type { Observation } from '../../domain/observation.ts';
import type { PrimaryAnswer, StandbyAnswer } from '../../domain/postgres-report.ts';
import { publishedTags } from '../../domain/published-tags.ts';
import { isStandbyCluster, synchronousModeInForce } from '../../domain/standby-cluster.ts';
import type { Tags } from '../../domain/tags.ts';
import type { Instant } from '../../domain/time.ts';
import { isUnpromised } from '../../domain/unpromised.ts';

/** What status answers depend on, read off one snapshot at one instant; the words are those of spec/rest-api.md 1. */
export type NodeFacts = {
  readonly view: ClusterView | null;
  readonly lock: 'held' | 'not-held';
  readonly paused: boolean;
  readonly standbyCluster: boolean;
  readonly synchronousMode: DynamicConfig['synchronousMode'];
  /** `unknown`: it should run, and it does not answer. */
  readonly state: PostgresState | 'unknown';
  /** What the server says it is, else what this member believes to be. */
  readonly role: string;
  /** What the server answered; `null` when it did not, or is not to be asked in this state. */
  readonly answer: PrimaryAnswer | StandbyAnswer | null;
  /** Named by the sync key as a standby that counts, in the mode in force. */
  readonly synchronous: 'sync' | 'quorum' | 'no';
  readonly replicationState: 'streaming' | 'in archive recovery' | null;
  readonly receivedLsn: Lsn | null;
  readonly replayedLsn: Lsn | null;
  /** The furthest known position of the leader; `null` when neither the store nor the receiver knows one. */
  readonly leaderLsn: Lsn | null;
  /** End of WAL as the sender last reported it; `null` when not receiving. */
  readonly receiverEndLsn: Lsn | null;
  readonly tags: Tags;
  /** Without the store, and by the members' word: they gave it to this primary, or this member to a leader. */
  readonly failsafeActive: boolean;
  /** In failsafe mode: this member knows that it has left the lead to nobody. */
  readonly unpromised: boolean;
};

type MomentaryFacts = Pick<NodeFacts, 'lock' | 'failsafeActive' | 'unpromised'>;

/** What time alone changes of one snapshot; everything else in its facts stays as it is. */
export function momentaryFacts(snapshot: NodeSnapshot, now: Instant): MomentaryFacts {
  return {
    lock: holdsLock(snapshot.observation, now) ? 'held' : 'not-held',
    failsafeActive: isFailsafeActive(snapshot, now),
    unpromised: isUnpromised(snapshot.observation, snapshot.memory, now),
  };
}

export function nodeFacts(snapshot: NodeSnapshot, now: Instant): NodeFacts {
  const { observation, memory } = snapshot;
  const { dynamic } = observation;
  const view = usableView(observation);
  const state = memberState(observation, memory);
  const answer = answerFor(observation, state);
  const standby = answer?.kind === 'standby' ? answer : null;
  const standbyCluster = isStandbyCluster(dynamic);
  const remembered = memberRole(observation, memory);
  const role = answer === null ? remembered : roleByAnswer(answer, standbyCluster, remembered);
  const receiverEndLsn = standby?.walReceiver?.latestEndLsn ?? null;
  const lastLsn = view?.status.lastLsn ?? null;
  return {
    view,
    ...momentaryFacts(snapshot, now),
    paused: dynamic.pause,
    standbyCluster,
    synchronousMode: synchronousModeInForce(dynamic),
    state: state === 'running' && answer === null ? 'unknown' : state,
    role,
    answer,
    synchronous: role === 'replica' ? synchronousAs(observation, view) : 'no',
    replicationState: standby === null ? null : replicationState(standby),
    receivedLsn: standby === null ? null : (standby.receiveLsn ?? standby.replayLsn),
    replayedLsn: standby?.replayLsn ?? null,
    leaderLsn: furthestLsn(lastLsn, receiverEndLsn),
    receiverEndLsn,
    tags: publishedTags(observation.config.tags),
  };
}

/**
 * Held means: proven, and its deadline still to come by the caller's clock. So it ends when the lease ends, also when the
 * machine that would take it back has stopped stepping (spec/ha.md W34).
 */
function holdsLock(observation: Observation, now: Instant): boolean {
  const lock = observation.lease?.lock;
  return lock?.kind === 'held' && lock.deadline > now;
}

function isFailsafeActive({ observation, memory }: NodeSnapshot, now: Instant): boolean {
  if (!observation.dynamic.failsafeMode) return false;
  const { lease } = observation;
  if (memory.promise !== null && now < memory.promise.until) return true;
  if (lease === null || lease.storeTrouble === null) return false;
  // What they said last counts while they are asked anew.
  return lease.lock.kind === 'held' && lease.lock.isPromised === true && now < lease.lock.deadline;
}

/** The view, unless the store has stopped answering: what it shows is then history. */
function usableView({ store }: Observation): ClusterView | null {
  return store.kind === 'settled' || store.kind === 'unsettled' ? store.view : null;
}

function answerFor({ postgres }: Observation, state: string): PrimaryAnswer | StandbyAnswer | null {
  const server = postgres?.server;
  if (server?.kind !== 'primary' && server?.kind !== 'standby') return null;
  return state === 'running' || state === 'restarting' || state === 'starting' ? server : null;
}

function roleByAnswer(answer: PrimaryAnswer | StandbyAnswer, standbyCluster: boolean, remembered: string): string {
  if (answer.kind === 'primary') return 'primary';
  return standbyCluster ? remembered : 'replica';
}

function synchronousAs({ config, dynamic }: Observation, view: ClusterView | null): NodeFacts['synchronous'] {
  const mode = synchronousModeInForce(dynamic);
  if (mode === 'off' || view === null || !isSynchronousMember(view, config.name)) return 'no';
  return mode === 'quorum' ? 'quorum' : 'sync';
}

function replicationState(standby: StandbyAnswer): NodeFacts['replicationState'] {
  if (standby.walReceiver?.status === 'streaming') return 'streaming';
  return standby.hasRestoreCommand ? 'in archive recovery' : null;
}
