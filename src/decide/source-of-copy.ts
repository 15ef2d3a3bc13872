import type { Member } from '../domain/cluster-view.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { type ReplicaMethod, withoutLeader } from '../domain/replica-method.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { isTruthy } from '../domain/tags.ts';
import type { PostgresTask, RunningTask } from '../domain/task.ts';
import { later, type Millis, seconds } from '../domain/time.ts';
import { upstreamOf } from './desired-postgres.ts';
import { leaderName, otherLeader } from './facts.ts';
import { isRemote } from './remote-source.ts';
import type { RuleId } from './rules.ts';
import { bindingKey, isElector } from './sync-election.ts';

/** A network that stumbles for less than this ends no copy, however short the `ttl`. */
const PATIENCE_MIN = seconds(10);

/**
 * For how long may nothing be heard of the member that is copied or rewound from? One ttl, and ten
 * seconds at least: after that its lease is over
 * if it was the source that went away, and its PostgreSQL fenced.
 */
export function sourcePatience(o: Observation): Millis {
  return o.timings.ttl > PATIENCE_MIN ? o.timings.ttl : PATIENCE_MIN;
}

/** How a leader calls itself: the one of a cluster that follows another one is no primary. */
export function leaderRole(o: Observation): 'primary' | 'standby_leader' {
  return isStandbyCluster(o.dynamic) ? 'standby_leader' : 'primary';
}

/** The leader, while it says of itself that it leads and runs: whom a new copy is made of. */
export function runningLeader(o: Observation, m: Memory): Upstream | null {
  const member = otherLeader(o, m)?.member ?? null;
  return member?.role === leaderRole(o) && member.state === 'running' ? upstreamOf(o, member) : null;
}

/** Whom a new copy is made of, and how. */
export type Source = {
  readonly from: Upstream;
  readonly fromReplica?: true;
  readonly methods: readonly ReplicaMethod[];
};

/** A base backup of the leader: all that was acknowledged before it began is in it, and nothing else is sure to have that. */
export function leaderItself(from: Upstream, o: Observation): Source {
  return { from, methods: [{ kind: 'basebackup', options: o.effective.basebackupOptions }] };
}

/** `from` leads, whatever it says of itself at the moment. */
export function leaderAsSource(from: Upstream, o: Observation, m: Memory): Source {
  return mayElect(o, m) ? leaderItself(from, o) : { from, methods: o.effective.replicaMethods };
}

export function isLeaderItself({ fromReplica, methods }: Pick<Source, 'fromReplica' | 'methods'>): boolean {
  return fromReplica !== true && methods.every(({ kind }) => kind === 'basebackup');
}

/**
 * Whom the sync key lets elect is believed to have what was acknowledged, also when its data is gone and another copy lies
 * there: a replica that lags, or a backup, would win the next election without it.
 */
export function sourceOfCopy(o: Observation, m: Memory, rule: RuleId): Source | null {
  const source = usualSource(o, m, rule);
  const leader = runningLeader(o, m);
  return source !== null && leader !== null && mayElect(o, m) ? leaderItself(leader, o) : source;
}

/**
 * A member tagged `clonefrom`, so that the leader is spared the work; without one the leader (spec/ha.md B3). Members
 * begin with different ones of them. What has failed `rule` so often is not asked again and again: the next one is, and
 * at last the leader itself.
 */
export function usualSource(o: Observation, m: Memory, rule: RuleId): Source | null {
  const leader = runningLeader(o, m);
  if (leader === null) return null;
  const { replicaMethods: methods } = o.effective;
  const replicas = spareCopies(o, m);
  if (replicas.length === 0) return { from: leader, methods };
  const failures = (m.backoffs.get(rule)?.failures ?? 0) % (replicas.length + 1);
  const chosen = failures === replicas.length ? undefined : replicas[(spread(o) + failures) % replicas.length];
  return chosen === undefined ? { from: leader, methods } : { from: chosen, fromReplica: true, methods };
}

function mayElect(o: Observation, m: Memory): boolean {
  const view = latestView(o);
  const key = view === null ? null : bindingKey(o, m, view);
  return key !== null && isElector(key, o.config.name);
}

export function copyOf(o: Observation, source: Source): Extract<PostgresTask, { kind: 'clone' }> {
  return { kind: 'clone', ...source, patience: sourcePatience(o) };
}

/** What copies a backup or an archive, if a method does that; `null`: none is configured. */
export function copyOfNobody(o: Observation): Extract<PostgresTask, { kind: 'clone' }> | null {
  const methods = withoutLeader(o.effective.replicaMethods);
  return methods.length === 0 ? null : { kind: 'clone', from: null, methods, patience: sourcePatience(o) };
}

/**
 * One that has parted from the leader's timeline, or is behind it, would pass that on. Two timelines may have one number:
 * whoever streams was compared before it followed, and whoever waits for a person does not stream.
 */
function spareCopies(o: Observation, m: Memory): readonly Upstream[] {
  const leader = otherLeader(o, m)?.member ?? null;
  const others = latestView(o)?.members.filter(({ name }) => name !== o.config.name && name !== leader?.name) ?? [];
  return others
    .filter((each) => isTruthy(each.tags['clonefrom']) && isSpare(each) && isOnTimelineOf(leader, each))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((each) => upstreamOf(o, each) ?? []);
}

function isSpare({ state, replicationState }: Member): boolean {
  return state === 'running' && replicationState === 'streaming';
}

function isOnTimelineOf(leader: Member | null, each: Member): boolean {
  return leader?.timeline === null || each.timeline === leader?.timeline;
}

/** Alike in each step, and unlike from member to member: the machine draws nothing. */
function spread({ config }: Observation): number {
  let sum = 0;
  for (let at = 0; at < config.name.length; at += 1) sum += config.name.charCodeAt(at);
  return sum;
}

/**
 * Does a copy or a rewind go on from a member that leads no more? Its PostgreSQL was stopped before somebody else could
 * lead, or is gone; the tool may not notice for long. Without anybody who leads it may be back in a moment. Nor does a
 * copy go on that may lack what was acknowledged, once a write of the sync key that was on its way names this member.
 * @returns why the task has no source; `null`: it has one, or nothing is known of it.
 */
export function sourceLost(task: RunningTask, o: Observation, m: Memory): string | null {
  const { task: work } = task;
  if ((work.kind !== 'clone' && work.kind !== 'rewind') || o.store.kind === 'unknown' || o.store.kind === 'silent') {
    return null;
  }
  const { from } = work;
  if (from === null || isRemote(o, from.member)) return null;
  if (work.kind === 'clone' && !isLeaderItself(work) && mayElect(o, m)) return 'the sync key names this member';
  // It does not lead; without its key nobody knows what has become of it.
  if (work.kind === 'clone' && work.fromReplica === true) {
    const view = latestView(o);
    return view?.members.some(({ name }) => name === from.member) === false ? `${from.member} is gone` : null;
  }
  const leader = leaderName(o, m);
  if (leader !== null) return leader === from.member ? null : `${leader} leads`;
  const isLongGone = m.unlockedSince !== null && o.now >= later(m.unlockedSince, work.patience);
  return isLongGone ? `${from.member} leads no more` : null;
}
