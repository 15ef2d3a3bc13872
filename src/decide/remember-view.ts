import { type ClusterView, type Lock, type Member, memberOf } from '../domain/cluster-view.ts';
import { statesAtRest } from '../domain/member-state.ts';
import type { LockContinuity, Memory } from '../domain/memory.ts';
import { type Revision, type SlotName, slotNameOf } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { neverStreams } from '../domain/tags.ts';
import { between, type Instant, later, millis } from '../domain/time.ts';
import { rememberDryUpstream } from './cascade.ts';
import { leaseOfLock, lockEnd, longestTtl } from './remember-role.ts';
import { rememberKey } from './remember-sync.ts';
import { isRemote } from './remote-source.ts';

/** What a new picture of the store changes: who was last seen leading, since when nobody does, which members were there. */
export function rememberView(m: Memory, o: Observation, gapless: boolean): Memory {
  const view = latestView(o);
  if (view === null) return m;
  const lock = view.lock?.createRevision === m.released ? null : view.lock;
  const isOther = lock !== null && lock.holder !== o.config.name;
  const isOwnAgain = endsAsStandbyCluster(m, o);
  // A late picture of another's lock from before mine was created takes nothing away.
  const acquired = isOther && view.revision > (m.acquired?.createRevision ?? 0n) ? null : m.acquired;
  const isPublished = m.bootstrap.kind === 'created' && view.initialize.kind === 'initialized';
  return {
    ...m,
    role: isOwnAgain ? 'replica' : m.role,
    lastHolder: lock === null ? m.lastHolder : seenLeading(lock, view, o),
    ...unlocked(m, o, { view, lock, gapless }),
    lockContinuity: continuity(m.lockContinuity, lock, o, gapless),
    acquired: isOwnAgain ? adoptedAnew(m, o) : acquired,
    yielded: isOther || (m.yielded !== null && o.now >= m.yielded.until) ? null : m.yielded,
    divergence: stillAbout(m, o, { view, lock, gapless }),
    dryUpstreamSince: rememberDryUpstream(m, o),
    slotSeen: slotsSeen(m, view, o),
    bootstrap: isPublished ? { kind: 'none' } : m.bootstrap,
    initializeAbandonedSince: isAbandoned(m, view, o) ? (m.initializeAbandonedSince ?? o.now) : null,
    wasPaused: o.dynamic.pause,
    resumedAt: m.wasPaused && !o.dynamic.pause ? o.now : m.resumedAt,
    sync: rememberKey(m, o, gapless),
    longestTtl: lock === null ? m.longestTtl : longestTtl(m, o, lock),
    lockLease: lock === null ? m.lockLease : leaseOfLock(m, o, lock),
    lockEnd: lockEnd(m, { view, lock, gapless }),
  };
}

/**
 * Who creates a cluster says so in its member key, which lives as long as its agent. Where data lies a cluster exists,
 * also before it is registered: its creator lost the store then, perhaps, and is about to lead again.
 */
function isAbandoned(m: Memory, view: ClusterView, o: Observation): boolean {
  if (view.initialize.kind !== 'in-progress' || view.lock !== null || m.bootstrap.kind !== 'none') return false;
  const others = view.members.filter((each) => each.name !== o.config.name);
  return others.every((each) => statesAtRest.has(each.state) && each.role === 'uninitialized');
}

function seenLeading({ holder }: Lock, { members, revision }: ClusterView, o: Observation): Memory['lastHolder'] {
  return { name: holder, members, seenAt: o.now, revision };
}

type Picture = { readonly view: ClusterView; readonly lock: Lock | null; readonly gapless: boolean };

/** Whoever missed a reign begins to count anew: what it would wait for lasts from the end of that one. */
function unlocked(
  { unlockedSince, unlockedAt }: Memory,
  o: Observation,
  { view, lock, gapless }: Picture,
): Pick<Memory, 'unlockedSince' | 'unlockedAt'> {
  if (lock !== null) return { unlockedSince: null, unlockedAt: null };
  const isAnew = unlockedSince === null || (!gapless && unlockedAt !== null && wasLedSince(view, unlockedAt));
  if (isAnew) return { unlockedSince: o.now, unlockedAt: view.revision };
  return { unlockedSince, unlockedAt: unlockedAt ?? view.revision };
}

/** Only a leader writes these keys. A store that was restored may have seen anything. */
function wasLedSince(view: ClusterView, then: Revision): boolean {
  const { revision, statusKeyRevision, syncKeyRevision, history } = view;
  const written = [statusKeyRevision, syncKeyRevision, history.modRevision];
  return revision < then || written.some((each) => each !== null && each !== undefined && each > then);
}

function continuity(before: LockContinuity, lock: Lock | null, o: Observation, gapless: boolean): LockContinuity {
  if (lock !== null) {
    const { holder, createRevision, modRevision } = lock;
    return holder === o.config.name ? { kind: 'mine', createRevision, modRevision } : { kind: 'unknown' };
  }
  if (!gapless || before.kind === 'unknown') return { kind: 'unknown' };
  return before.kind === 'mine' ? { kind: 'vanished', createRevision: before.createRevision, at: o.now } : before;
}

/** The cluster follows nobody any more, and I lead it. */
function endsAsStandbyCluster(m: Memory, o: Observation): boolean {
  return m.role === 'standby_leader' && !isStandbyCluster(o.dynamic);
}

/** What leads to a promotion begins here: everybody is asked again, however long ago the lock was won. */
function adoptedAnew({ acquired }: Memory, o: Observation): Memory['acquired'] {
  return acquired === null ? null : { ...acquired, at: o.now, how: 'adopted' };
}

/**
 * What was found out about one leader says nothing about the next, nor about the same one on a newer timeline; nor about
 * one that was copied or rewound while it held the lock, as the leader of a standby cluster may be.
 */
function stillAbout(m: Memory, o: Observation, { view, lock, gapless }: Picture): Memory['divergence'] {
  const { divergence } = m;
  if (lock === null || divergence.kind === 'unchecked' || isRemote(o, divergence.leader)) return divergence;
  if (divergence.leader !== lock.holder) return { kind: 'unchecked' };
  const leader = memberOf(view, lock.holder);
  // Pictures that were missed may have told of that.
  if (isStandbyCluster(o.dynamic) && (leader?.state !== 'running' || !gapless)) return { kind: 'unchecked' };
  const published = leader?.timeline ?? null;
  const checked = 'leaderTimeline' in divergence ? divergence.leaderTimeline : null;
  return published !== null && checked !== null && published > checked ? { kind: 'unchecked' } : divergence;
}

/**
 * Present members now; slots that the last leader kept get a fresh time when they are first heard of. Who is missing in
 * this picture was there until it came: in a quiet cluster the last one may be older than any time limit.
 */
function slotsSeen(m: Memory, view: ClusterView, o: Observation): Memory['slotSeen'] {
  if (isFresh(m, view, o)) return m.slotSeen;
  const own = slotNameOf(o.config.name);
  const next = new Map<SlotName, Instant>(m.slotSeen);
  for (const name of view.status.retainSlots) if (!next.has(name)) next.set(name, o.now);
  for (const member of [...(m.lastHolder?.members ?? []), ...view.members]) {
    if (!neverStreams(member.tags)) next.set(slotNameOf(member.name), o.now);
  }
  next.delete(own);
  const forgetAfter = o.dynamic.memberSlotsTtl * 2;
  for (const [name, at] of next) if (o.now > later(at, o.dynamic.memberSlotsTtl) + forgetAfter) next.delete(name);
  return next;
}

/** Everybody was seen a moment ago, and nobody is new: pictures come many times a second. */
function isFresh(m: Memory, view: ClusterView, o: Observation): boolean {
  const isSeen = ({ name, tags }: Member): boolean => {
    if (neverStreams(tags)) return true;
    const at = m.slotSeen.get(slotNameOf(name));
    return name === o.config.name || (at !== undefined && between(at, o.now) < SEEN_AGAIN_AFTER);
  };
  const { retainSlots } = view.status;
  return (
    view.members.every(isSeen) &&
    (m.lastHolder?.members.every(isSeen) ?? true) &&
    retainSlots.every((slot) => m.slotSeen.has(slot) || slot === slotNameOf(o.config.name))
  );
}

const SEEN_AGAIN_AFTER = millis(1_000);
