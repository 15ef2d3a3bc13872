import { expect, test } from 'vitest';
import { type Lsn, lsn } from './lsn.ts';
import { sharedBranch } from './shared-branch.ts';
import { type Timeline, type TimelineHistory, timeline } from './timeline.ts';

test.each<readonly [string, TimelineHistory, TimelineHistory, ReturnType<typeof told> | null]>([
  ['both are on it', history(2, [1, 100]), history(2, [1, 100]), told(2, 100, 900)],
  ['the leader has left it', history(2, [1, 100]), history(3, [1, 100], [2, 300]), told(2, 100, 300)],
  ['I have left it', history(3, [1, 100], [2, 200]), history(2, [1, 100]), told(2, 100, 200)],
  [
    'they part at the same number from two positions',
    history(3, [1, 100], [2, 200]),
    history(3, [1, 100], [2, 250]),
    told(2, 100, 200),
  ],
  ['only the first timeline is shared', history(2, [1, 100]), history(2, [1, 120]), null],
  ['nobody was ever promoted', history(1), history(1), null],
])('the newest branch that two histories share: %s', (_, own, leader, expected) => {
  expect(sharedBranch({ history: own, end: at(900) }, leader)).toEqual(expected);
});

function told(number: number, from: number, to: number) {
  return { timeline: on(number), from: at(from), to: at(to) };
}

function at(bytes: number): Lsn {
  const position = lsn(BigInt(bytes));
  if (position === null) throw new Error('no position');
  return position;
}

function on(number: number): Timeline {
  const valid = timeline(number);
  if (valid === null) throw new Error('no timeline');
  return valid;
}

function history(of: number, ...switches: readonly (readonly [number, number])[]): TimelineHistory {
  return {
    of: on(of),
    switches: switches.map(([parent, switchedAt]) => ({ parent: on(parent), switchedAt: at(switchedAt), reason: '' })),
  };
}
