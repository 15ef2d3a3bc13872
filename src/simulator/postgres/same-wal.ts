import { type OwnWal, type SameWal, sharedBranch } from '../../domain/shared-branch.ts';
import type { Timeline } from '../../domain/timeline.ts';
import type { ClusterFiles } from './directory.ts';
import { historyOf, type WalBranch } from './wal-branch.ts';

/** What comparing the bytes of two servers' WAL shows: whose branch it really is. */
export function sameWal(own: OwnWal, local: ClusterFiles, leader: ClusterFiles): SameWal {
  const shared = sharedBranch(own, historyOf(leader.branch));
  if (shared === null || shared.from >= shared.to) return 'unknown';
  const mine = numbered(local.branch, shared.timeline);
  const theirs = numbered(leader.branch, shared.timeline);
  if (mine === null || theirs === null) return 'unknown';
  return mine === theirs ? 'same' : 'different';
}

function numbered(from: WalBranch, timeline: Timeline): WalBranch | null {
  for (let branch: WalBranch | null = from; branch !== null; branch = branch.parent) {
    if (branch.timeline === timeline) return branch;
  }
  return null;
}
