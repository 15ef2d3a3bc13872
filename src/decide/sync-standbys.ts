import type { ClusterView, Member } from '../domain/cluster-view.ts';
import type { Lsn } from '../domain/lsn.ts';
import { lagBytes } from '../domain/lsn.ts';
import type { Observation } from '../domain/observation.ts';
import { sameName } from '../domain/sync-names.ts';
import { mayBeSynchronous, mayEverLead, replicatesFrom, syncPriority } from '../domain/tags.ts';
import { isHeadOfCircle } from './circle.ts';

/** What commits wait for goes by these alone. */
export type Here = Pick<Observation, 'config' | 'dynamic' | 'postgres'>;

type Stream = { readonly syncState: string; readonly flushLsn: Lsn };

/** A member that streams from here, and how far it has flushed. */
export type SyncStandby = Stream & { readonly member: Member };

/**
 * Which standbys may commits wait for, the best first? By `sync_priority`, then who is one already (nobody that works is
 * replaced needlessly), then by position; who may never lead comes last (spec/ha.md 3.2).
 */
export function activeStandbys(o: Here, view: ClusterView): readonly SyncStandby[] {
  const rows = rowsOf(o, view).toSorted(better);
  const hasLimit = o.dynamic.maximumLagOnSyncnodeBytes !== null;
  const near = hasLimit ? rows.filter((row) => !isTooFarBehind(o, row, rows)) : rows;
  const ordered = near.every(mayLead) ? near : [...near.filter(mayLead), ...near.filter((each) => !mayLead(each))];
  if (o.dynamic.synchronousMode !== 'quorum') return ordered;
  // Whoever may never lead only fills up what is missing: there, everybody votes.
  return ordered.filter((each, index) => mayLead(each) || index < o.dynamic.synchronousNodeCount);
}

/** Who runs and might stream soon, if it does not do so yet. */
export function standbysToCome(o: Here, view: ClusterView): readonly string[] {
  return view.members.filter((each) => isCandidate(o, view, each)).map((each) => each.name);
}

/**
 * How far a member that streams from here has flushed; `null`: it does not, or does not say. One that says itself that it
 * streams from nobody is shown by a connection that broke, which lingers: other data may lie there by now. Others do not
 * always tell.
 */
export function flushedBy(o: Here, member: Member): Lsn | null {
  const isBroken = member.agent === 'ours' && member.replicationState === null;
  return isBroken ? null : (streamOf(o, member)?.flushLsn ?? null);
}

function rowsOf(o: Here, view: ClusterView): readonly SyncStandby[] {
  const rows: SyncStandby[] = [];
  for (const member of view.members) {
    const stream = isCandidate(o, view, member) ? streamOf(o, member) : null;
    if (stream !== null) rows.push({ member, syncState: stream.syncState, flushLsn: stream.flushLsn });
  }
  return rows;
}

function isCandidate(o: Here, view: ClusterView, member: Member): boolean {
  const isRunning = member.name !== o.config.name && member.state === 'running' && mayBeSynchronous(member.tags);
  return isRunning && !shouldCascade(o, view, member);
}

/** A broken connection may linger beside the new one: the one that is further counts. */
function streamOf(o: Here, member: Member): Stream | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'primary') return null;
  let best: Stream | null = null;
  for (const { state, applicationName, syncState, flushLsn } of server.walSenders) {
    if (state !== 'streaming' || flushLsn === null || !sameName(applicationName, member.name)) continue;
    if (best === null || flushLsn > best.flushLsn) best = { syncState, flushLsn };
  }
  return best;
}

/** `replicatefrom` leads, over whatever many, to a member that streams from here: it will follow that one again. */
function shouldCascade(o: Here, view: ClusterView, member: Member): boolean {
  if (replicatesFrom(member.tags) === null || isHeadOfCircle(view, member)) return false;
  const passed = new Set<string>([member.name]);
  let head = member;
  for (;;) {
    const from = replicatesFrom(head.tags);
    const next = view.members.find((each) => each.name === from && each.state === 'running');
    if (next === undefined || passed.has(next.name)) break;
    passed.add(next.name);
    head = next;
  }
  return head.name !== member.name && streamOf(o, head) !== null;
}

function isTooFarBehind(o: Here, row: SyncStandby, rows: readonly SyncStandby[]): boolean {
  const limit = o.dynamic.maximumLagOnSyncnodeBytes;
  const server = o.postgres?.server;
  if (limit === null || server?.kind !== 'primary') return false;
  const furthest = rows.reduce((most, each) => (each.flushLsn > most ? each.flushLsn : most), row.flushLsn);
  return lagBytes({ ahead: rows.length > 1 ? furthest : server.flushLsn, behind: row.flushLsn }) > limit;
}

function mayLead({ member }: SyncStandby): boolean {
  return mayEverLead(member.tags);
}

function better(a: SyncStandby, b: SyncStandby): number {
  const byPriority = syncPriority(b.member.tags) - syncPriority(a.member.tags);
  if (byPriority !== 0) return byPriority;
  // As words: sync, quorum, potential, async.
  if (a.syncState !== b.syncState) return a.syncState < b.syncState ? 1 : -1;
  if (a.flushLsn !== b.flushLsn) return a.flushLsn < b.flushLsn ? 1 : -1;
  return a.member.name < b.member.name ? -1 : 1;
}
