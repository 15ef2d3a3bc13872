import { describe, expect, test } from 'vitest';
import { leader, type Situation } from '../../test/support/observations.ts';
import { A, B, branch, HEAD, history, position, primaryAnswer } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { HistoryLine } from '../domain/cluster-view.ts';
import { revision } from '../domain/names.ts';
import { publishedHistory } from './published-history.ts';

describe('what a leader publishes of its timeline (dcs.md 1.8)', () => {
  const work = ({ o }: Situation) =>
    publishedHistory(o, o.postgres?.server.kind === 'primary' ? o.postgres.server.timeline : branch(1));
  const line = (timeline: number, change: Partial<HistoryLine> = {}): HistoryLine => ({
    timeline: branch(timeline),
    lsn: position(`0/${timeline}000000`),
    reason: 'x',
    at: '2026-01-01T00:00:00+00:00',
    leader: A,
    ...change,
  });
  const stored = (...lines: readonly HistoryLine[]) =>
    ({ view: { history: { kind: 'lines', modRevision: revision(1n), lines } } }) as const;
  const on4 = { server: primaryAnswer({ timeline: branch(4) }), observation: { ownHistory: history({ member: A }) } };
  const from2 = [{ parent: branch(2), switchedAt: HEAD, reason: 'x' }];
  const skipped = { ownHistory: history({ member: A, history: { of: branch(4), switches: from2 } }) };
  const newest = [3, HEAD, 'no recovery target', expect.stringMatching(/^2026-09-01T12:00:00.*\+00:00$/), A];
  table(work, leader, [
    ['what is stored tells it', stored(line(2)), { kind: 'right' }],
    [
      'a fresh cluster has no history',
      { ...stored(), server: primaryAnswer({ timeline: branch(1) }) },
      { kind: 'right' },
    ],
    [
      'CC105: one of another cluster is emptied',
      { ...stored(line(2)), server: primaryAnswer({ timeline: branch(1) }) },
      { kind: 'write', value: [] },
    ],
    [
      'my own server is asked first',
      { ...stored(line(2)), server: primaryAnswer({ timeline: branch(4) }) },
      { kind: 'ask' },
    ],
    [
      'and again when it told of an older timeline',
      {
        ...stored(line(2)),
        ...on4,
        observation: { ownHistory: history({ member: A, history: { of: branch(3), switches: [] } }) },
      },
      { kind: 'ask' },
    ],
    [
      'C-43, CC104: one line more, ending in my name',
      { ...stored(line(2)), ...on4 },
      { kind: 'write', value: [newest] },
    ],
    [
      'a promotion skips a number that is taken: the line of the timeline before tells it all the same (seed 31604752)',
      { ...stored(line(2, { lsn: HEAD })), server: primaryAnswer({ timeline: branch(4) }), observation: skipped },
      { kind: 'right' },
    ],
    [
      'one that began elsewhere tells of another timeline of that number',
      { ...stored(line(3)), ...on4, ownBranch: history().history },
      { kind: 'write', value: [newest] },
    ],
    [
      'one that another member began, perhaps at the same position, too: a restored store tells of it',
      { ...stored(line(3, { lsn: HEAD, leader: B })), ...on4, ownBranch: history().history },
      { kind: 'write', value: [newest] },
    ],
    [
      'a line without a name is written anew',
      { ...stored(line(3, { leader: null })), ...on4 },
      { kind: 'write', value: [newest] },
    ],
    [
      'a history that nobody can read is written anew',
      { view: { history: { kind: 'unusable', modRevision: null } }, ...on4 },
      { kind: 'write', value: [newest] },
    ],
  ]);

  const long = history({ member: A, history: { of: branch(4), switches: [1, 2, 3].map(switchFrom) } });

  test('only the newest max_timelines_history lines are kept', () => {
    const kept = (count: number) =>
      work(
        leader({ ...stored(), ...on4, dynamic: { max_timelines_history: count }, observation: { ownHistory: long } }),
      );

    const line3 = [3, position('0/3000000'), 'x', expect.any(String), A];

    expect(kept(1)).toMatchObject({ value: [line3] });
    expect(kept(0)).toMatchObject({ value: [expect.anything(), expect.anything(), line3] });
  });

  test('times and names of older lines are carried over where timeline and position match', () => {
    const given = leader({
      ...stored(line(1), line(2, { lsn: position('0/9') })),
      ...on4,
      observation: { ownHistory: long },
    });

    expect(work(given)).toMatchObject({
      value: [
        [1, position('0/1000000'), 'x', '2026-01-01T00:00:00+00:00', A],
        [2, position('0/2000000'), 'x'],
        [3, position('0/3000000'), 'x', expect.any(String), A],
      ],
    });
  });
});

function switchFrom(parent: number) {
  return { parent: branch(parent), switchedAt: position(`0/${String(parent)}000000`), reason: 'x' };
}
