import { describe, expect, test } from 'vitest';
import { formatSyncNames, NOBODY, parseSyncNames } from '../domain/sync-names.ts';
import { promotedSync } from './promoted-sync.ts';
import type { Electors } from './sync-overlap.ts';
import { nextSyncStep, type SyncSituation, type SyncStep } from './sync-step.ts';

/** `a` leads and waits for `b`, who votes; both `b` and `c` stream and have everything. */
const baseline: SyncSituation = {
  mode: 'on',
  strict: false,
  me: 'a',
  key: voters('b'),
  names: parseSyncNames('b'),
  settled: true,
  proven: new Set(['b', 'c']),
  active: ['b', 'c'],
  expected: [],
  wanted: 1,
};

function voters(list: string, quorum = 0, leader = 'a'): Electors {
  return { leader, quorum, voters: new Set(list.split(',').filter((each) => each !== '')) };
}

describe('mode on, one write after the other', () => {
  const rows: readonly (readonly [string, Partial<SyncSituation>, string])[] = [
    ['dcs C-44: the key comes first, without a standby', { key: null, names: null }, 'key a 0{}'],
    ['CC132: turned on without a standby', { key: null, names: null, active: [] }, 'key a 0{}'],
    ['CC132: then there is nothing to do', { key: voters(''), names: null, active: [], proven: new Set() }, 'complete'],
    ['CC133, PG-75: strict, and never a standby', { ...alone(''), strict: true }, `names ${NOBODY}`],
    ['CC134: who works stays, though c is as good', {}, 'complete'],
    ['CC135: b may not any more: first the key', { active: ['c'] }, 'key a 0{}'],
    ['CC135: then the names', { active: ['c'], key: voters('') }, 'names c'],
    ['CC135: not yet in force everywhere', { active: ['c'], key: voters(''), ...named('c'), settled: false }, 'wait'],
    ['CC135: c lacks something yet', { active: ['c'], key: voters(''), ...named('c'), proven: new Set() }, 'wait'],
    ['CC135: then the key again', { active: ['c'], key: voters(''), ...named('c') }, 'key a 0{c}'],
    ['CC136: c of two dies: first the key', { ...two(), active: ['b'] }, 'key a 0{b}'],
    ['CC136: then the names', { ...two(), active: ['b'], key: voters('b') }, 'names b'],
    ['CC139: strict, and the only one dies: it stays', { ...alone('b'), ...named('b'), strict: true }, 'complete'],
    ['PG-75: not strict, it is struck from the key', { ...alone('b'), ...named('b') }, 'key a 0{}'],
    ['and then nobody is waited for', { ...alone(''), ...named('b') }, 'names '],
    ['who is expected back keeps its place', { ...alone('b'), ...named('b'), expected: ['b', 'c'] }, 'wait'],
    [
      'seed 1000040: a voter of before that did not attach yet, and one that was proven since',
      { ...two(), key: voters('b'), active: ['c'], proven: new Set(['c']), expected: ['b'] },
      'key a 0{b,c}',
    ],
    [
      'seed 9102607: the key is from a backup, and who stays in it is not who acknowledges now',
      { key: voters('b,e'), ...named('c'), active: ['b', 'c'] },
      'key a 0{}',
    ],
    ['b votes, but commits did not wait for it, and it may lack some', { names: null }, 'key a 0{}'],
    ['nobody votes: whoever comes first', { ...alone(''), ...named('b'), expected: ['b', 'c'] }, 'names 1 (b,c)'],
    ['and waited for', { ...alone(''), ...named('1 (b,c)'), expected: ['b', 'c'] }, 'wait'],
    ['who came is named alone', { ...named('1 (b,c)'), key: voters(''), active: ['c'], expected: ['b'] }, 'names c'],
    ['CC142: the key is another leader’s', { key: voters('b', 0, 'x') }, 'key a 0{}'],
    ['CC144: a list of everybody is replaced', { key: voters(''), ...named('*'), active: ['b'] }, 'names b'],
    [
      'CC166: after a quorum of one the key is emptied',
      { key: voters('b,c', 1), ...named('ANY 1 (b,c)') },
      'key a 0{}',
    ],
    ['CC166: after one of all only the form changes', { ...two(), ...named('ANY 2 (b,c)') }, 'names 2 (b,c)'],
  ];
  test.each(rows)('%s', (_, change, expected) => {
    expect(told(nextSyncStep({ ...baseline, ...change }))).toBe(expected);
  });
});

describe('mode quorum, one write after the other', () => {
  const rows: readonly (readonly [string, Partial<SyncSituation>, string])[] = [
    ['CC166: back from on, c joins: the key asks for it', {}, 'key a 1{b,c}'],
    ['CC166: and the names follow', { key: voters('b,c', 1) }, 'names ANY 1 (b,c)'],
    ['two of two: only the form changes', { ...two() }, 'names ANY 2 (b,c)'],
    ['CC152, W13: d left, and nobody is known to have its all', { ...shrunk(), proven: new Set() }, 'key a 2{b,c}'],
    ['CC152: b has it', { ...shrunk(), proven: new Set(['b']) }, 'key a 1{b,c}'],
    ['CC133: strict, and never a standby', { ...alone(''), strict: true }, `names ANY 1 (${NOBODY})`],
    ['strict, all are gone: they stay', { ...alone('b,c', 1), ...named('ANY 1 (b,c)'), strict: true }, 'complete'],
    ['all are gone', { ...alone('b,c', 1), ...named('ANY 1 (b,c)') }, 'key a 0{}'],
    ['and nobody is waited for', { ...alone(''), ...named('ANY 1 (b,c)') }, 'names '],
    [
      'seed 10010629: the key was left by whoever died creating another cluster, and I acknowledged under no names',
      { ...alone(''), key: voters('', 0, 'x') },
      'key a 0{}',
    ],
    ['the same, while the mode was off', { key: voters('b', 0, 'x'), names: null }, 'key a 0{}'],
    ['the same, with a key of mine', { key: voters('b,c', 1), names: null }, 'key a 0{}'],
    ['another’s key that fits the names is taken over', { key: voters('b', 0, 'x'), ...wide() }, 'key a 0{b,x}'],
  ];
  test.each(rows)('%s', (_, change, expected) => {
    expect(told(nextSyncStep({ ...baseline, mode: 'quorum', ...change }))).toBe(expected);
  });
});

describe('before a promotion', () => {
  const given = { mode: 'on', strict: false, me: 'b', key: voters('b'), wanted: 1, expected: ['c'] } as const;
  const rows: readonly (readonly [string, Partial<Parameters<typeof promotedSync>[0]>, string])[] = [
    ['CC140: the only voter: nobody else is elected next', {}, 'b 0{} | c'],
    ['CC140: nobody runs who could be waited for', { expected: [] }, 'b 0{} | '],
    ['the other voters have everything, and stay (W20)', { key: voters('b,c') }, 'b 0{c} | c'],
    ['CC141: strict: the former leader, too', { strict: true, key: voters('b,c') }, 'b 0{a,c} | 2 (a,c)'],
    ['strict, and nobody else', { strict: true, key: voters('b', 0, 'b'), expected: [] }, `b 0{} | ${NOBODY}`],
    ['after a quorum nobody knows who has everything', { key: voters('b,c,d', 2) }, 'b 0{} | c'],
    ['CC165: a quorum stays', { mode: 'quorum', me: 'c', key: voters('b,c,d', 2) }, 'c 2{a,b,d} | ANY 1 (a,b,d)'],
    [
      'an outsider waits for one more',
      { mode: 'quorum', me: 'e', key: voters('b,c', 1) },
      'e 1{a,b,c} | ANY 2 (a,b,c)',
    ],
    ['a leader that leads again', { mode: 'quorum', me: 'a', key: voters('b,c', 1) }, ' | ANY 1 (b,c)'],
    ['no key: whoever runs', { mode: 'quorum', key: null, expected: ['c', 'd'] }, ' | ANY 1 (c,d)'],
  ];
  test.each(rows)('%s', (_, change, expected) => {
    const { key, names } = promotedSync({ ...given, ...change });
    expect(`${key === null ? '' : toldKey(key)} | ${formatSyncNames(names)}`).toBe(expected);
  });
});

describe('the list of names', () => {
  test.each([
    ['', ''],
    ['b', 'b'],
    ['c, b', '1 (b,c)'],
    ['2 (c,b)', '2 (b,c)'],
    ['FIRST 1 ("c",b)', '1 (b,c)'],
    ['any 1 (b)', 'ANY 1 (b)'],
    ['ANY 2 ( "x-1" , "say ""hi""", first)', 'ANY 2 ("first","say ""hi""","x-1")'],
    ['*', NOBODY],
    ['ANY 1 (*)', `ANY 1 (${NOBODY})`],
    ['b,,"c', ''],
  ])('PG-74: %s is written as %s', (text, written) => {
    expect(formatSyncNames(parseSyncNames(text))).toBe(written);
  });
});

function alone(list: string, quorum = 0): Partial<SyncSituation> {
  return { key: voters(list, quorum), active: [], proven: new Set(), names: null };
}

function two(): Partial<SyncSituation> {
  return { key: voters('b,c'), names: parseSyncNames('2 (b,c)'), wanted: 2 };
}

function shrunk(): Partial<SyncSituation> {
  return { key: voters('b,c,d', 2), names: parseSyncNames('ANY 1 (b,c)') };
}

function wide(): Partial<SyncSituation> {
  return { names: parseSyncNames('ANY 2 (b,x)'), active: ['b', 'x'], proven: new Set(), wanted: 2 };
}

function named(text: string): Pick<SyncSituation, 'names'> {
  return { names: parseSyncNames(text) };
}

function told(step: SyncStep): string {
  if (step.kind === 'key') return `key ${toldKey(step.key)}`;
  return step.kind === 'names' ? `names ${formatSyncNames(step.names)}` : step.kind;
}

function toldKey({ leader, quorum, voters: list }: Electors): string {
  return `${leader} ${String(quorum)}{${[...list].toSorted().join(',')}}`;
}
