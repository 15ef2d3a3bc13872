import { type ClusterView, type Lock, memberOf } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { standbyPosition } from '../domain/postgres-report.ts';
import type { Beaten, LockEnd, Race, RoleChange, Standing } from '../domain/role-change.ts';
import type { PostgresTask } from '../domain/task.ts';
import { between, type Millis, millis } from '../domain/time.ts';
import { peersOf } from './campaign.ts';
import { dueRequest } from './due-request.ts';

/** The lock is about to be sought: what speaks for it, kept until it is sought again. */
export function raceFor(m: Memory, o: Observation, decision: Decision): Race {
  const view = latestView(o);
  const former = m.lastHolder === null ? null : { name: m.lastHolder.name, end: m.lockEnd ?? 'unseen' };
  const unledFor = m.unlockedSince === null ? null : between(m.unlockedSince, o.now);
  const leaseTtl = former?.end === 'lease-ended' ? (m.lockLease?.ttl ?? UNKNOWN_TTL) : UNKNOWN_TTL;
  return {
    outcome: 'not-answered',
    rule: decision.rule,
    at: o.wallNow,
    facts: decision.facts,
    former,
    unledFor,
    renewedBefore: leaseTtl === UNKNOWN_TTL || unledFor === null ? null : millis(leaseTtl + unledFor),
    own: ownStanding(o),
    others: view === null ? [] : others(m, o, { view, decision }),
  };
}

/** How the lock went that the picture before still showed; `null` while somebody has it. */
export function lockEnd(
  m: Memory,
  { view, lock, gapless }: { readonly view: ClusterView; readonly lock: Lock | null; readonly gapless: boolean },
): LockEnd | null {
  if (lock !== null) return null;
  // Somebody may have held it between two pictures.
  if (!gapless || m.lastHolder === null) return 'unseen';
  if (m.lockEnd !== null) return m.lockEnd;
  const { name, members } = m.lastHolder;
  const holder = members.find((each) => each.name === name);
  // The lock of an agent that was restarted is under an older lease than its key for a moment.
  if (holder === undefined || m.lockLease === null || holder.lease !== m.lockLease.id) return 'unseen';
  return memberOf(view, name) === null ? 'lease-ended' : 'lock-removed';
}

/**
 * A new `ttl` counts for the next lease; which of them this one was granted with is not in the picture. Of a lease that is
 * older than the configuration, and is seen for the first time, nothing is known; nor where there is no configuration yet,
 * and each member goes by its own file.
 */
export function leaseOfLock(m: Memory, o: Observation, lock: Lock): NonNullable<Memory['lockLease']> {
  const { ttl } = o.timings;
  const config = latestView(o)?.config;
  const isShared = config !== undefined && config.kind !== 'absent' && config.modRevision <= lock.modRevision;
  const known = m.lockLease !== null && m.lockLease.id === lock.lease ? m.lockLease.ttl : isShared ? ttl : UNKNOWN_TTL;
  return { id: lock.lease, ttl: millis(Math.min(known, ttl)) };
}

const UNKNOWN_TTL = millis(0);

/** Whoever holds the lock may not hear of a shorter `ttl`: until its lock is seen under the next lease it has the old one. */
export function longestTtl(
  { longestTtl: before, lockLease }: Memory,
  { timings }: Observation,
  { lease }: Lock,
): Millis {
  return before === null || lockLease?.id !== lease ? timings.ttl : millis(Math.max(before, timings.ttl));
}

/** A task ended well: did PostgreSQL become a primary by it? */
export function becamePrimary(m: Memory, o: Observation, decision: Decision, task: PostgresTask): RoleChange | null {
  if (!makesPrimary(task)) return m.roleChange;
  // A primary that crashed and is started again has not changed its role.
  if (task.kind === 'start' && m.roleChange?.to === 'primary') return m.roleChange;
  return { to: 'primary', rule: decision.rule, at: o.wallNow, facts: decision.facts };
}

/** A primary is about to be stopped. */
export function stoppedPrimary(m: Memory, o: Observation, decision: Decision): RoleChange | null {
  const isPrimary = m.role === 'primary' || m.role === 'promoted';
  return isPrimary ? { to: 'demoted', rule: decision.rule, at: o.wallNow, facts: decision.facts } : m.roleChange;
}

function makesPrimary(task: PostgresTask): boolean {
  switch (task.kind) {
    case 'promote':
    case 'bootstrap':
      return true;
    case 'start':
      return task.desired.standby === null;
    case 'restart':
    case 'copy-slots':
    case 'clone':
    case 'rewind':
    case 'crash-recovery':
    case 'stop':
    case 'end-orphans':
    case 'remove-data':
    case 'set-aside-data':
      return false;
  }
}

function ownStanding(o: Observation): Standing {
  const { name } = o.config;
  const server = o.postgres?.server;
  if (server?.kind === 'primary') return { name, timeline: server.timeline, position: server.flushLsn };
  if (server?.kind === 'standby') return { name, timeline: server.timeline, position: standbyPosition(server) };
  return { name, timeline: null, position: null };
}

/** Everybody that could have taken the lock, by name, and why it was not left to them. */
function others(
  m: Memory,
  o: Observation,
  { view, decision }: { readonly view: ClusterView; readonly decision: Decision },
): readonly Beaten[] {
  const compared = new Map(decision.refused.map(({ alternative, because }) => [alternative, because]));
  return peersOf(o, m, view)
    .map(({ name }) => {
      const because = compared.get(name);
      if (because === undefined)
        return { name, timeline: null, position: null, because: notCompared(m, o, view, name) };
      const answer = o.peers.get(name);
      const { timeline, position } = answer?.kind === 'reported' ? answer : { timeline: null, position: null };
      return { name, timeline, position, because };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function notCompared(m: Memory, o: Observation, view: ClusterView, name: MemberName): string {
  const request = dueRequest(o, m, view);
  if (request?.leader === name) return 'the switchover leads away from it';
  if (request?.candidate === o.config.name) return `the request names ${o.config.name}`;
  return m.lastHolder?.name === name && m.lockEnd === 'lease-ended' ? 'not asked: its lease had ended' : 'not asked';
}
