import { sortedNames } from '../domain/sync-names.ts';
import { type Electors, type Holders, overlaps } from './sync-overlap.ts';

/** One write, of the key or of the names. */
export type SyncTransition = ({ readonly kind: 'key' } & Electors) | ({ readonly kind: 'names' } & Holders);

export type QuorumSituation = {
  readonly me: string;
  readonly key: Electors;
  readonly names: Holders;
  /** Who streams and may count. */
  readonly active: ReadonlySet<string>;
  /** How many of those are known to have everything. */
  readonly confirmed: number;
  /** How many standbys a commit is to wait for. */
  readonly wanted: number;
};

export type QuorumPlan = {
  readonly transitions: readonly SyncTransition[];
  /** Why the plan begins with a repair, or ends early; `null`: neither. */
  readonly problem: string | null;
};

/**
 * Quorum mode: which writes lead from here to every active standby voting, a commit waiting for `wanted` of them, and the
 * quorum as small as that allows? `n` or the quorum is raised first, the other lowered later. Only a proposal:
 * whether a write may be done now is judged by `sync-overlap.ts`, and the plan is made anew after each one.
 * @see spec/ha.md 3.5, docs/adr/0007-synchronous-replication.md
 */
export function planQuorum(situation: QuorumSituation): QuorumPlan {
  const plan = new Draft(situation);
  try {
    for (const step of [takeOver, finishInterrupted, dropGone, addNew, fitFactor]) step(plan);
  } catch (end) {
    if (!(end instanceof PlanEnd)) throw end;
    if (end.problem !== null) plan.problem ??= end.problem;
  }
  return { transitions: collapsed(plan.transitions), problem: plan.problem };
}

/** Nothing follows what was planned so far. */
class PlanEnd extends Error {
  readonly problem: string | null;

  constructor(problem: string | null) {
    super(problem ?? 'the plan ends here');
    this.problem = problem;
  }
}

/** The pair of key and names as it will be after what is planned so far. */
class Draft {
  readonly me: string;
  readonly active: ReadonlySet<string>;
  readonly confirmed: number;
  readonly wanted: number;
  readonly transitions: SyncTransition[] = [];
  problem: string | null = null;
  leader: string;
  voters: ReadonlySet<string>;
  quorum: number;
  names: ReadonlySet<string>;
  count: number;

  constructor(situation: QuorumSituation) {
    const { me, key, names, active, confirmed, wanted } = situation;
    this.me = me;
    this.active = active;
    this.confirmed = confirmed;
    this.wanted = wanted;
    this.leader = key.leader;
    this.voters = key.voters;
    this.quorum = key.quorum;
    this.names = names.names;
    this.count = Math.min(names.count, names.names.size);
  }

  /** `asIs`: the quorum is not made larger for standbys that are not confirmed yet. */
  setKey(quorum: number, voters: ReadonlySet<string>, how: { readonly leader?: string; readonly asIs?: boolean } = {}) {
    if (quorum < 0 || (quorum > 0 && quorum >= voters.size)) throw new PlanEnd(`no quorum of ${String(quorum)}`);
    const next = this.#adjusted(quorum, voters, how);
    const isSame = next.quorum === this.quorum && next.leader === this.leader && sameSet(next.voters, this.voters);
    // Without voters and with nobody confirmed there is nothing to do but to look again.
    if (isSame && this.voters.size === 0) throw new PlanEnd(null);
    if (isSame) return;
    Object.assign(this, next);
    this.check();
    this.transitions.push({ kind: 'key', ...next });
  }

  #adjusted(
    quorum: number,
    voters: ReadonlySet<string>,
    how: { readonly leader?: string; readonly asIs?: boolean },
  ): Electors {
    if (how.leader !== undefined) return { leader: how.leader, voters, quorum };
    const { leader } = this;
    if (this.confirmed === 0 && this.voters.size === 0) return { leader, voters: new Set(), quorum: 0 };
    return { leader, voters, quorum: quorum + (how.asIs === true ? 0 : Math.max(this.count - this.confirmed, 0)) };
  }

  setNames(count: number, names: ReadonlySet<string>) {
    if (count < 0 || count > names.size) throw new PlanEnd(`no ${String(count)} of ${String(names.size)}`);
    if (count === this.count && sameSet(names, this.names)) return;
    this.count = count;
    this.names = names;
    this.check();
    this.transitions.push({ kind: 'names', count, names });
  }

  /** @throws PlanEnd where whoever is elected might have missed what is acknowledged. */
  check() {
    const { leader, voters, quorum, names, count } = this;
    if (voters.size === 0) return;
    const all = new Set([leader, ...voters]);
    const waited = new Set([this.me, ...names]);
    if (!isSubset(all, waited) && !isSubset(waited, all)) throw new PlanEnd('voters and names are of different sets');
    if (!overlaps({ leader, voters, quorum }, { count, names }, this.me))
      throw new PlanEnd('voters and names need not overlap');
  }
}

/** The key is another leader's, or does not fit the names. */
function takeOver(p: Draft) {
  try {
    if (p.leader === p.me) {
      p.check();
      return;
    }
    const voters = union(without(p.voters, new Set([p.me])), new Set([p.leader]));
    if (p.names.size === 0) p.setNames(voters.size - p.quorum, voters);
    p.setKey(p.quorum, voters, { leader: p.me });
  } catch (end) {
    if (!(end instanceof PlanEnd)) throw end;
    p.problem = end.problem;
    p.setKey(p.names.size - p.count, p.names);
    return;
  }
  // The others get time to attach.
  if (both(p.names, p.active).size === 0) throw new PlanEnd(null);
}

/** An earlier change was begun: names without votes, or votes without names. */
function finishInterrupted(p: Draft) {
  if (isSubset(p.names, p.voters) && p.names.size < p.voters.size) {
    const gone = without(p.voters, union(p.names, p.active));
    if (gone.size > 0)
      p.setKey(p.voters.size - gone.size - p.count, without(p.voters, gone), { asIs: !isSubset(p.names, p.active) });
    const add = without(both(p.voters, p.active), p.names);
    if (add.size > 0) p.setNames(p.count, union(p.names, add));
  }
  if (isSubset(p.voters, p.names) && p.voters.size < p.names.size) finishNames(p);
  const margin = p.quorum + Math.min(p.count, p.confirmed) - p.voters.size;
  if (margin > 0) {
    if (p.count > p.wanted) p.setNames(Math.max(p.wanted, p.voters.size - p.quorum), p.names);
    else p.setKey(p.names.size - p.count, p.voters);
  } else if (p.count === p.wanted && p.quorum + p.count - p.voters.size > 0 && p.count > p.confirmed) {
    p.setKey(p.names.size - p.count, p.voters);
  }
}

function finishNames(p: Draft) {
  const gone = without(p.names, p.active);
  const kept = without(p.names, gone);
  if (gone.size > 0 && kept.size > 0 && (p.voters.size === 0 || both(kept, p.voters).size > 0))
    p.setNames(Math.min(p.count, p.names.size - gone.size), kept);
  const add = both(without(p.names, p.voters), p.active);
  if (add.size > 0) p.setKey(union(p.voters, add).size - p.count, union(p.voters, add));
  const rest = without(p.names, p.voters);
  if (rest.size > 0) p.setNames(Math.min(p.count, p.names.size - rest.size), without(p.names, rest));
}

/** Who is listed and not active any more. */
function dropGone(p: Draft) {
  let gone = without(p.names, p.active);
  if (gone.size === 0) return;
  if (gone.size === p.names.size) {
    p.setKey(0, new Set(), { asIs: true });
    p.setNames(0, new Set());
    return;
  }
  if (p.quorum > 0) {
    const first = new Set(sortedNames(gone).slice(-p.quorum));
    const left = without(p.names, first);
    p.setNames(Math.min(Math.max(p.wanted, p.count), left.size), left);
    const voters = without(p.voters, first);
    p.setKey(voters.size - p.count, voters, { asIs: first.size < gone.size });
    gone = without(gone, first);
  }
  if (gone.size === 0) return;
  const left = without(p.names, gone);
  const count = p.count - gone.size;
  const excess = count - Math.min(p.wanted, left.size);
  const voters = without(p.voters, gone);
  p.setKey(excess === 0 ? 0 : Math.min(excess, voters.size - 1), voters, { asIs: true });
  p.setNames(count, left);
}

/** Who is active and not listed yet. */
function addNew(p: Draft) {
  let fresh = without(p.active, p.names);
  if (fresh.size === 0) return;
  const wanted = Math.min(p.wanted, union(p.names, fresh).size);
  const missing = wanted - p.count;
  if (missing > 0) {
    const add = p.names.size === 0 ? fresh : new Set(sortedNames(fresh).slice(0, missing));
    p.setNames(p.count + (p.names.size === 0 ? missing : add.size), union(p.names, add));
    // With the number that was reached: the one that is wanted may need more than came (W39).
    p.setKey(union(p.voters, add).size - p.count, union(p.voters, add));
    fresh = without(fresh, p.names);
  }
  if (fresh.size === 0) return;
  const voters = union(p.voters, fresh);
  p.setKey(voters.size - wanted, voters, { asIs: wanted <= p.confirmed });
  p.setNames(wanted, union(p.names, fresh));
}

/** Everybody is listed: is the number right? */
function fitFactor(p: Draft) {
  const missing = Math.min(p.wanted, p.names.size) - p.count;
  if (missing > 0) {
    p.setNames(p.count + missing, p.names);
    p.setKey(p.voters.size - p.count, p.voters);
  } else if (missing < 0) {
    if (p.quorum - missing < p.voters.size)
      p.setKey(p.voters.size - p.count - missing, p.voters, { asIs: p.wanted <= p.confirmed });
    p.setNames(p.count + missing, p.names);
  }
}

/** Of two writes of the same place in a row the last says it all. */
function collapsed(transitions: readonly SyncTransition[]): readonly SyncTransition[] {
  return transitions.filter((each, index) => transitions[index + 1]?.kind !== each.kind);
}

type Names = ReadonlySet<string>;

function union(a: Names, b: Names): Names {
  return new Set([...a, ...b]);
}

function without(a: Names, b: Names): Names {
  return new Set([...a].filter((each) => !b.has(each)));
}

function both(a: Names, b: Names): Names {
  return new Set([...a].filter((each) => b.has(each)));
}

function isSubset(a: Names, b: Names): boolean {
  return [...a].every((each) => b.has(each));
}

function sameSet(a: Names, b: Names): boolean {
  return a.size === b.size && isSubset(a, b);
}
