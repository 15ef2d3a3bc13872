import { NOBODY, type SyncNames } from '../domain/sync-names.ts';
import { planQuorum } from './quorum-resolver.ts';
import { type Electors, type Holders, mayReplaceKey, overlaps } from './sync-overlap.ts';

/** What a synchronous mode is decided on; every name in one spelling. */
export type SyncSituation = {
  readonly mode: 'on' | 'quorum';
  readonly strict: boolean;
  /** The primary that holds the lock. */
  readonly me: string;
  /** `null`: no mode is active yet. */
  readonly key: Electors | null;
  /** In force; `null`: commits wait for nobody. */
  readonly names: SyncNames | null;
  /** They have been in force for long enough that `proven` is measured by them. */
  readonly settled: boolean;
  /** Who streams and has flushed what I had written when the names were in force, whether or not they name it. */
  readonly proven: ReadonlySet<string>;
  /** Who streams and may count, the best first. */
  readonly active: readonly string[];
  /** Who does not stream, runs, and is waited for: right after PostgreSQL became a primary here. */
  readonly expected: readonly string[];
  /** How many standbys a commit is to wait for. */
  readonly wanted: number;
};

export type SyncStep =
  | { readonly kind: 'key'; readonly key: Electors; readonly why: string }
  | { readonly kind: 'names'; readonly names: SyncNames | null; readonly why: string }
  /** The next step needs something to happen first. */
  | { readonly kind: 'wait'; readonly for: string }
  | { readonly kind: 'complete' };

/**
 * The one write that comes next, of the key or of the names; the one after it is decided on what is seen then. No step
 * breaks a condition of docs/adr/0007-synchronous-replication.md, so a crash after any of them loses nothing.
 *
 * A key that need not meet what is acknowledged under these names was left by no such step: it is of before the mode was
 * off, or from a backup. Whom it names may lack anything, and names that fit it
 * would only hide that: nobody votes, until somebody has everything.
 */
export function nextSyncStep(s: SyncSituation): SyncStep {
  if (s.key === null) return key({ leader: s.me, voters: none, quorum: 0 }, 'the mode is on');
  if (!overlaps(s.key, holdersOf(s.names), s.me))
    return key({ leader: s.me, voters: none, quorum: 0 }, 'the key does not fit the names');
  return alone(s, s.key) ?? (s.mode === 'on' ? stepOn(s, s.key) : stepQuorum(s, s.key));
}

/** Nobody streams who may count, and nobody who votes is waited for. `null`: somebody is. */
function alone(s: SyncSituation, { leader, voters, quorum }: Electors): SyncStep | null {
  if (s.active.length > 0 || leader !== s.me) return null;
  if (s.strict) {
    const names = voters.size === 0 ? [NOBODY] : [...voters];
    const count = Math.max(1, voters.size - quorum);
    return setNames(s, { method: methodOf(s), count, names }, 'nobody streams, and the mode is strict');
  }
  if ([...voters].some((each) => s.expected.includes(each))) return null;
  if (voters.size > 0) return key({ leader, voters: none, quorum: 0 }, 'no voter streams');
  if (s.expected.length === 0) return setNames(s, null, 'nobody streams');
  const step = setNames(s, anyOf(s, s.expected), 'whoever attaches first is waited for');
  return step.kind === 'complete' ? wait('whoever attaches first') : step;
}

/** As many as are wanted, of all that may come. */
export function anyOf(s: Pick<SyncSituation, 'mode' | 'wanted'>, names: readonly string[]): SyncNames | null {
  const count = Math.min(Math.max(1, s.wanted), names.length);
  return names.length === 0 || s.wanted < 1 ? null : { method: methodOf(s), count, names };
}

/** Everybody in the key has everything, and is named: who leaves is struck from the key first, who comes is named first. */
function stepOn(s: SyncSituation, before: Electors): SyncStep {
  const { leader, voters, quorum } = before;
  if (leader !== s.me || quorum > 0)
    return key({ leader: s.me, voters: none, quorum: 0 }, 'the key is of another kind');
  const target = targetOn(s, voters);
  const staying = new Set([...voters].filter((each) => target.has(each)));
  if (staying.size < voters.size) return key({ leader, voters: staying, quorum }, 'a standby leaves');
  const named = setNames(s, { method: 'first', count: target.size, names: [...target] }, 'the standbys that count');
  if (named.kind !== 'complete') return named;
  if (!s.settled) return wait('the names to be in force everywhere');
  const next = new Set([...target].filter((each) => voters.has(each) || s.proven.has(each)));
  if (next.size > voters.size) return key({ leader, voters: next, quorum }, 'a standby has everything');
  const isAttached = [...target].every((each) => s.active.includes(each));
  return isAttached && next.size === target.size ? { kind: 'complete' } : wait('a standby to have everything');
}

/** The best of those that stream; while too few do, voters that are expected back keep their place. */
function targetOn(s: SyncSituation, voters: ReadonlySet<string>): ReadonlySet<string> {
  const chosen = s.active.slice(0, s.wanted);
  const missing = [...voters].filter((each) => s.expected.includes(each)).slice(0, s.wanted - chosen.length);
  return new Set([...chosen, ...missing]);
}

function stepQuorum(s: SyncSituation, before: Electors): SyncStep {
  if (!s.settled) return wait('the names to be in force everywhere');
  const named = holdersOf(s.names);
  const kept = s.expected.filter((each) => before.voters.has(each) || named.names.has(each));
  const active = new Set([...s.active, ...kept]);
  const confirmed = [...s.proven].filter((each) => active.has(each) && named.names.has(each)).length;
  const plan = planQuorum({ me: s.me, key: before, names: named, active, confirmed, wanted: s.wanted });
  const [first] = plan.transitions;
  const why = plan.problem ?? 'the quorum follows the standbys';
  if (first?.kind === 'key') return proposeKey(s, before, first, why);
  if (first?.kind === 'names') return setNames(s, namesOf(first), why);
  if (plan.problem !== null) return narrowed(s, before, active);
  if (s.names !== null && s.names.method !== 'any') return setNames(s, { ...s.names, method: 'any' }, 'as a quorum');
  const isComplete = before.leader === s.me && confirmed >= Math.min(s.wanted, active.size);
  return isComplete && before.voters.size === active.size ? { kind: 'complete' } : wait('standbys to have everything');
}

/** No plan leads on from a change that was broken off: voters that left are given up first, in the end all of them. */
function narrowed(s: SyncSituation, before: Electors, active: ReadonlySet<string>): SyncStep {
  const voters = new Set([...before.voters].filter((each) => active.has(each)));
  if (voters.size < before.voters.size) {
    const step = proposeKey(s, before, { leader: s.me, voters, quorum: 0 }, 'voters have left');
    if (step.kind === 'key') return step;
  }
  return key({ leader: s.me, voters: none, quorum: 0 }, BROKEN_OFF);
}

/**
 * The key as planned, if it may be. Where other voters are planned, it may be with a larger quorum: until they have
 * everything, more of them have to testify.
 */
function proposeKey(s: SyncSituation, before: Electors, planned: Electors, why: string): SyncStep {
  const { leader, voters } = planned;
  const given = { before, names: holdersOf(s.names), proven: s.proven, me: s.me };
  const isOtherSet = voters.size !== before.voters.size || [...voters].some((each) => !before.voters.has(each));
  const largest = isOtherSet ? Math.max(planned.quorum, voters.size) : planned.quorum;
  for (let { quorum } = planned; quorum <= largest; quorum += 1) {
    const next = { leader, voters, quorum };
    if (mayReplaceKey(next, given)) return key(next, why);
  }
  return wait('voters to have everything');
}

/** `complete`: they are as wanted. */
function setNames(s: SyncSituation, wanted: SyncNames | null, why: string): SyncStep {
  const names = wanted === null || wanted.names.length === 0 ? null : wanted;
  if (sameNames(names, s.names)) return { kind: 'complete' };
  const mayBe = s.key === null || overlaps(s.key, holdersOf(names), s.me);
  return mayBe ? { kind: 'names', names, why } : wait('the key to allow these names');
}

/** What acknowledged commits lie on; the stand-in for nobody has nothing. */
export function holdersOf(names: SyncNames | null): Holders {
  const real = (names?.names ?? []).filter((each) => each !== NOBODY);
  return { count: Math.min(names?.count ?? 0, real.length), names: new Set(real) };
}

function namesOf({ count, names }: Holders): SyncNames | null {
  return count === 0 ? null : { method: 'any', count, names: [...names] };
}

function sameNames(a: SyncNames | null, b: SyncNames | null): boolean {
  if (a === null || b === null) return a === b;
  const has = new Set(b.names);
  const isSameList = a.names.length === b.names.length && a.names.every((each) => has.has(each));
  return a.method === b.method && a.count === b.count && isSameList;
}

function methodOf({ mode }: Pick<SyncSituation, 'mode'>): SyncNames['method'] {
  return mode === 'on' ? 'first' : 'any';
}

function key(next: Electors, why: string): SyncStep {
  return { kind: 'key', key: next, why };
}

function wait(reason: string): SyncStep {
  return { kind: 'wait', for: reason };
}

const none: ReadonlySet<string> = new Set();
const BROKEN_OFF = 'key and names do not lead on';
