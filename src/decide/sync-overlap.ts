/**
 * The `sync` key as the election goes by it: whoever leads next is one of `leader` and `voters`, and has heard `quorum`
 * others of them that are not ahead.
 */
export type Electors = { readonly leader: string; readonly voters: ReadonlySet<string>; readonly quorum: number };

/** What an acknowledged commit lies on, besides the primary: `count` of `names`. */
export type Holders = { readonly count: number; readonly names: ReadonlySet<string> };

/**
 * Does whoever is elected by this key meet somebody who has what the primary `me` acknowledges under these names? Where
 * two sets of one whole are together larger than the whole, they share a member (docs/adr/0007-synchronous-replication.md,
 * condition 1). Names are expected in one spelling.
 */
export function overlaps(key: Electors, names: Holders, me: string): boolean {
  // Without voters nobody leads next but the leader itself, or who has heard from it.
  if (key.voters.size === 0 && key.leader === me) return true;
  const everybody = new Set([key.leader, me, ...key.voters, ...names.names]);
  return everybody.size <= key.quorum + names.count + 1;
}

/**
 * May the key `next` take the place of `before`? It must meet what is acknowledged from now on, and what was acknowledged
 * under the names before: that lies on me and on `proven`, the standbys seen to have all of it (condition 2).
 */
export function mayReplaceKey(
  next: Electors,
  given: {
    readonly before: Electors | null;
    readonly names: Holders;
    readonly proven: ReadonlySet<string>;
    readonly me: string;
  },
): boolean {
  const { before, names, proven, me } = given;
  if (next.leader !== me || next.quorum < 0) return false;
  if (next.voters.size === 0) return next.quorum === 0;
  if (!overlaps(next, names, me)) return false;
  const unproven = [...next.voters].filter((each) => !proven.has(each));
  if (unproven.length <= next.quorum || before === null) return unproven.length <= next.quorum;
  // Else each set that could elect by the new key has one who is proven, or one that could by the old; or it has me.
  const newcomers = unproven.filter((each) => each !== before.leader && !before.voters.has(each));
  return next.quorum >= before.quorum + newcomers.length;
}
