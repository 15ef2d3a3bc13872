import type { ClusterView, Member } from '../domain/cluster-view.ts';
import { publishedDifference } from '../domain/published-difference.ts';

/**
 * Do two pictures of the store differ in nothing but positions in the WAL? In a cluster at peace nearly all do, and
 * nothing is decided by them: whoever asks for a position does so when nobody leads, or once a loop.
 */
export function onlyPositionsMoved(before: ClusterView, now: ClusterView): boolean {
  return (
    before.lock !== null &&
    before.lock.modRevision === now.lock?.modRevision &&
    keyRevision(before.config) === keyRevision(now.config) &&
    keyRevision(before.initialize) === keyRevision(now.initialize) &&
    before.failoverKeyRevision === now.failoverKeyRevision &&
    before.sync?.modRevision === now.sync?.modRevision &&
    before.history.modRevision === now.history.modRevision &&
    before.failsafe === null &&
    now.failsafe === null &&
    sameSlots(before.status, now.status) &&
    before.members.length === now.members.length &&
    before.members.every((member, index) => isSameMember(member, now.members[index]))
  );
}

function keyRevision(key: ClusterView['config'] | ClusterView['initialize']): bigint | null {
  return key.kind === 'absent' ? null : key.modRevision;
}

function isSameMember(before: Member, now: Member | undefined): boolean {
  if (before === now) return true;
  if (now === undefined || before.name !== now.name || before.lease !== now.lease) return false;
  return publishedDifference(before.published, now.published) !== 'much';
}

function sameSlots(before: ClusterView['status'], now: ClusterView['status']): boolean {
  if (before === now) return true;
  if (before.slots.size !== now.slots.size || before.retainSlots.length !== now.retainSlots.length) return false;
  for (const name of before.slots.keys()) if (!now.slots.has(name)) return false;
  return before.retainSlots.every((name, index) => name === now.retainSlots[index]);
}
