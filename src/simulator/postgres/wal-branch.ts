import { derived } from '../../domain/derived.ts';
import { invariant } from '../../domain/invariant.ts';
import type { Lsn } from '../../domain/lsn.ts';
import { lsn } from '../../domain/lsn.ts';
import type { Timeline, TimelineHistory, TimelineSwitch } from '../../domain/timeline.ts';
import { timeline } from '../../domain/timeline.ts';
import { segmentStart } from './wal-retention.ts';

/**
 * One branch of the WAL as it really is: two nodes that promote apart from each other make two branches, even when
 * both number theirs 2. Compared by identity.
 */
export type WalBranch = {
  readonly timeline: Timeline;
  readonly parent: WalBranch | null;
  /** Where it left its parent; 0 for the first. */
  readonly forkedAt: number;
  readonly madeBy: string;
  /** Checkpoint records on it, oldest first; the last may lie behind the position where a branch left this one. */
  readonly checkpoints: { readonly at: number; readonly end: number }[];
};

export function firstBranch(madeBy: string): WalBranch {
  return { timeline: timelineOf(1), parent: null, forkedAt: 0, madeBy, checkpoints: [] };
}

/**
 * Whoever has not come to the beginning of the branch that it was about to follow leaves an older one; the number is the
 * next one that it knows of.
 */
export function nextBranch(
  followed: WalBranch,
  from: { readonly position: number; readonly madeBy: string },
): WalBranch {
  const { position: forkedAt, madeBy } = from;
  const parent = cameTo(followed, forkedAt);
  return { timeline: timelineOf(followed.timeline + 1), parent, forkedAt, madeBy, checkpoints: [] };
}

/** The branch of this history that a receiver is sent which has come so far. */
export function cameTo(followed: WalBranch, position: number): WalBranch {
  let branch = followed;
  while (branch.parent !== null && position < branch.forkedAt) branch = branch.parent;
  return branch;
}

/**
 * Can a server at `position` on `local` go on with the WAL of `source`?
 * @returns `follows`: yes. `diverged`: it has WAL that the source's history does not contain.
 */
export function relation(
  local: { readonly branch: WalBranch; readonly position: number },
  source: WalBranch,
): 'follows' | 'diverged' {
  const here = reached(local);
  if (here === source) return 'follows';
  for (let branch: WalBranch | null = source; branch !== null; branch = branch.parent) {
    if (branch.parent === here) return local.position <= branch.forkedAt ? 'follows' : 'diverged';
  }
  return 'diverged';
}

/** The branch that WAL up to there lies on: a receiver knows the one it will come to before anything of it arrives. */
export function reached(at: { readonly branch: WalBranch; readonly position: number }): WalBranch {
  let { branch } = at;
  while (branch.parent !== null && at.position <= branch.forkedAt) branch = branch.parent;
  return branch;
}

/**
 * The same question as PostgreSQL's own receiver judges it: by timeline numbers and history files. Two branches of one
 * number look alike to it.
 */
export function seemsToFollow(
  local: { readonly branch: WalBranch; readonly position: number },
  source: { readonly branch: WalBranch; readonly position: number },
): boolean {
  const { branch: own, position } = local;
  if (own === source.branch) return segmentStart(position) <= source.position;
  if (own.timeline === source.branch.timeline) return position <= source.position;
  for (let branch = source.branch; branch.parent !== null; branch = branch.parent) {
    if (branch.parent.timeline === local.branch.timeline) return local.position <= branch.forkedAt;
  }
  return false;
}

/**
 * Has whoever is there parted from that history, after the beginning of the segment in which it did? A receiver asks for a
 * segment from its beginning, which is still in the history of both.
 */
export function partsWithinSegment(
  local: { readonly branch: WalBranch; readonly position: number },
  source: WalBranch,
): boolean {
  for (let branch = source; branch.parent !== null; branch = branch.parent) {
    const { forkedAt } = branch;
    if (branch.parent.timeline !== local.branch.timeline) continue;
    return local.position > forkedAt && segmentStart(local.position) <= forkedAt;
  }
  return false;
}

/** The branch of this history on which a position lies; where one ends, the position is still its own. */
export function branchAt(newest: WalBranch, position: number): WalBranch {
  let branch = newest;
  while (branch.parent !== null && position <= branch.forkedAt) branch = branch.parent;
  return branch;
}

/** The last checkpoint record that whoever has replayed so far has come by; `null`: none since the cluster was made. */
export function lastCheckpoint(replayed: {
  readonly branch: WalBranch;
  readonly position: number;
}): { readonly at: number; readonly end: number; readonly branch: WalBranch } | null {
  for (const [branch, position] of branchEnds(replayed)) {
    const found = branch.checkpoints.findLast(({ end }) => end <= position);
    if (found !== undefined) return { ...found, branch };
  }
  return null;
}

/** Where the two histories part: the last position that both contain. */
export function commonPosition(
  local: { readonly branch: WalBranch; readonly position: number },
  source: { readonly branch: WalBranch; readonly position: number },
): number {
  const ends = branchEnds(local);
  for (const [branch, end] of branchEnds(source)) {
    const localEnd = ends.get(branch);
    if (localEnd !== undefined) return Math.min(end, localEnd);
  }
  return 0;
}

/** What PostgreSQL's history files say of a branch. Asked for with every look; where a branch comes from does not change. */
export const historyOf = derived((branch: WalBranch): TimelineHistory => {
  const switches: TimelineSwitch[] = [];
  for (let each: WalBranch = branch; each.parent !== null; each = each.parent) {
    switches.unshift({
      parent: each.parent.timeline,
      switchedAt: walPosition(each.forkedAt),
      reason: 'no recovery target specified',
    });
  }
  return { of: branch.timeline, switches };
});

/** Positions inside the models are plain numbers; a machine sees them as `Lsn`. */
export function walPosition(bytes: number): Lsn {
  const position = lsn(BigInt(Math.floor(bytes)));
  invariant(position !== null, 'a WAL position is never negative');
  return position;
}

/** Each branch of the history with the position where it ends, newest first. */
function branchEnds(at: { readonly branch: WalBranch; readonly position: number }): Map<WalBranch, number> {
  const ends = new Map<WalBranch, number>();
  let end = at.position;
  for (let branch: WalBranch | null = at.branch; branch !== null; branch = branch.parent) {
    ends.set(branch, end);
    end = Math.min(end, branch.forkedAt);
  }
  return ends;
}

function timelineOf(number: number): Timeline {
  const valid = timeline(number);
  invariant(valid !== null, 'timelines count from 1');
  return valid;
}
