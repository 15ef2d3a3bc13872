import { describe, expect, test } from 'vitest';
import { planQuorum, type QuorumPlan, type QuorumSituation, type SyncTransition } from './quorum-resolver.ts';
import type { Electors, Holders } from './sync-overlap.ts';

/** The worked examples of spec/ha.md 3.5 (QX1-QX20) are its conformance cases CC145-CC164, in this order. */
type Row = readonly [title: string, key: string, names: string, rest: Rest, plan: string];
type Rest = { readonly c: number; readonly a: string; readonly w: number; readonly me?: string };

const rows: readonly Row[] = [
  ['CC145: nobody is listed yet', 'a 0{}', '0{}', { c: 0, a: 'bcd', w: 1 }, '1{bcd}'],
  ['CC146: the listed are not confirmed yet', 'a 0{}', '1{bcd}', { c: 0, a: 'bcd', w: 1 }, ''],
  ['CC147: one is confirmed', 'a 0{}', '1{bcd}', { c: 1, a: 'bcd', w: 1 }, 'a 2{bcd}'],
  ['CC147: all are confirmed', 'a 0{}', '1{bcd}', { c: 3, a: 'bcd', w: 1 }, 'a 2{bcd}'],
  ['CC148: one of two is not confirmed', 'a 0{}', '2{bcd}', { c: 1, a: 'bcd', w: 2 }, 'a 2{bcd}'],
  ['CC149: now it is', 'a 2{bcd}', '2{bcd}', { c: 2, a: 'bcd', w: 2 }, 'a 1{bcd}'],
  ['CC150: e joins', 'a 2{bcd}', '1{bcd}', { c: 3, a: 'bcde', w: 1 }, 'a 3{bcde}; 1{bcde}'],
  ['CC151: c joins where the factor was short', 'a 0{b}', '1{b}', { c: 1, a: 'bc', w: 2 }, '2{bc}; a 1{bc}'],
  ['CC151: c is confirmed', 'a 1{bc}', '2{bc}', { c: 2, a: 'bc', w: 2 }, 'a 0{bc}'],
  ['CC152: d leaves', 'a 2{bcd}', '1{bcd}', { c: 2, a: 'bc', w: 1 }, '1{bc}; a 1{bc}'],
  ['CC153: d leaves, two are waited for', 'a 1{bcd}', '2{bcd}', { c: 2, a: 'bc', w: 2 }, '2{bc}; a 0{bc}'],
  ['CC154: two of three leave', 'a 1{bcd}', '2{bcd}', { c: 1, a: 'b', w: 2 }, '2{bc}; a 0{b}; 1{b}'],
  ['CC155: all leave', 'a 1{bcd}', '2{bcd}', { c: 0, a: '', w: 2 }, 'a 0{}; 0{}'],
  ['CC156: the factor grows', 'a 2{bcd}', '1{bcd}', { c: 3, a: 'bcd', w: 2 }, '2{bcd}; a 1{bcd}'],
  ['CC157: the factor shrinks', 'a 1{bcd}', '2{bcd}', { c: 3, a: 'bcd', w: 1 }, 'a 2{bcd}; 1{bcd}'],
  ['CC158: another takes the place of the only one', 'a 0{b}', '1{b}', { c: 0, a: 'c', w: 1 }, 'a 0{}; 1{c}'],
  ['CC159: c has taken over from a', 'a 2{bcd}', '1{abd}', { c: 0, a: '', w: 1, me: 'c' }, 'c 2{abd}'],
  // Patroni counts b as confirmed here (W14), and would go on with 0{b}: b alone could lead.
  ['CC160: then b attaches, unconfirmed', 'c 2{abd}', '1{abd}', { c: 0, a: 'b', w: 1, me: 'c' }, '1{b}; c 1{b}'],
  ['CC160: b is confirmed', 'c 2{abd}', '1{b}', { c: 1, a: 'b', w: 1, me: 'c' }, 'c 0{b}'],
  ['CC161: all attach instead', 'c 2{abd}', '1{abd}', { c: 2, a: 'abd', w: 1, me: 'c' }, ''],
  ['CC162: an outsider has taken over', 'a 1{bc}', '2{abc}', { c: 0, a: '', w: 1, me: 'd' }, 'd 1{abc}'],
  ['CC162: then b and c', 'd 1{abc}', '2{abc}', { c: 2, a: 'bc', w: 1, me: 'd' }, '2{bc}; d 1{bc}; 1{bc}'],
  ['CC163: too small a quorum is mended', 'a 0{bc}', '1{bc}', { c: 1, a: 'bc', w: 1 }, 'a 1{bc}'],
  ['CC164: sets that do not fit are mended', 'a 1{bc}', '2{bd}', { c: 1, a: 'bd', w: 1 }, 'a 1{bd}; 1{bd}'],
  ['CC169a: many join, with a larger factor', 'a 1{bc}', '1{bc}', { c: 2, a: 'bcd', w: 3 }, '2{bcd}; a 1{bcd}; 3{bcd}'],
];

describe('the plan of a quorum', () => {
  test.each(rows)('%s', (_, key, names, rest, plan) => {
    expect(written(planQuorum(situation(key, names, rest)))).toBe(plan);
  });

  test('CC163, CC164: a repair says why', () => {
    expect(planQuorum(situation('a 0{bc}', '1{bc}', { c: 1, a: 'bc', w: 1 })).problem).not.toBeNull();
    expect(planQuorum(situation('a 2{bcd}', '2{bcd}', { c: 2, a: 'bcd', w: 2 })).problem).toBeNull();
  });
});

function situation(key: string, names: string, { c, a, w, me = 'a' }: Rest): QuorumSituation {
  return { me, key: electors(key), names: holders(names), active: new Set(a), confirmed: c, wanted: w };
}

function electors(text: string): Electors {
  const { count, names } = holders(text.slice(2));
  return { leader: text.slice(0, 1), quorum: count, voters: names };
}

function holders(text: string): Holders {
  const [count, names = ''] = text.replace('}', '').split('{');
  return { count: Number(count), names: new Set(names) };
}

function written({ transitions }: QuorumPlan): string {
  return transitions.map(line).join('; ');
}

function line(each: SyncTransition): string {
  const list = (names: ReadonlySet<string>): string => `{${[...names].toSorted().join('')}}`;
  return each.kind === 'key'
    ? `${each.leader} ${String(each.quorum)}${list(each.voters)}`
    : `${String(each.count)}${list(each.names)}`;
}
