import { NOBODY, type SyncNames } from '../domain/sync-names.ts';
import type { Electors } from './sync-overlap.ts';
import { anyOf } from './sync-step.ts';

export type PromotedSync = {
  /** `null`: the key stays as it is. */
  readonly key: Electors | null;
  readonly names: SyncNames | null;
};

/**
 * What key and names have to say before I become a primary, so that nothing acknowledged before or after is lost by the
 * next failover. `expected`: who runs and may attach soon.
 * @see spec/ha.md 3.6, docs/adr/0007-synchronous-replication.md ("Promotion")
 */
export function promotedSync(given: {
  readonly mode: 'on' | 'quorum';
  readonly strict: boolean;
  readonly me: string;
  readonly key: Electors | null;
  readonly wanted: number;
  readonly expected: readonly string[];
}): PromotedSync {
  const { mode, strict, me, key, expected } = given;
  const someone = anyOf(given, expected) ?? (strict ? { method: 'first', count: 1, names: [NOBODY] } : null);
  if (mode === 'quorum') return key === null ? { key: null, names: someone } : quorumUnder(me, key, someone);
  const voters = votersAfter(given);
  const next: Electors = { leader: me, voters, quorum: 0 };
  const names = voters.size === 0 ? someone : ({ method: 'first', count: voters.size, names: [...voters] } as const);
  return { key: key !== null && sameKey(key, next) ? null : next, names };
}

/** All voters of mode `on` have everything; with a quorum nobody knows who of them does. */
function votersAfter(given: {
  readonly strict: boolean;
  readonly me: string;
  readonly key: Electors | null;
}): ReadonlySet<string> {
  const { strict, me, key } = given;
  if (key === null || key.quorum > 0) return new Set();
  const former = strict ? [key.leader, ...key.voters] : [...key.voters];
  return new Set(former.filter((each) => each !== me));
}

/**
 * The same members elect, by the same quorum, and I lead them: a former leader that comes back alone is not it any more.
 * Commits wait for as many of them as fit that.
 */
function quorumUnder(me: string, key: Electors, someone: SyncNames | null): PromotedSync {
  const all = new Set([key.leader, ...key.voters]);
  const others = [...all].filter((each) => each !== me);
  const next: Electors = { leader: me, voters: new Set(others), quorum: key.quorum };
  if (others.length === 0) return { key: sameKey(key, next) ? null : { ...next, quorum: 0 }, names: someone };
  const fitting = all.size - key.quorum - 1 + (all.has(me) ? 0 : 1);
  const count = Math.min(Math.max(1, fitting), others.length);
  return { key: sameKey(key, next) ? null : next, names: { method: 'any', count, names: others } };
}

function sameKey(a: Electors, b: Electors): boolean {
  const isSameSet = a.voters.size === b.voters.size && [...a.voters].every((each) => b.voters.has(each));
  return a.leader === b.leader && a.quorum === b.quorum && isSameSet;
}
