import fc from 'fast-check';
import { expect, it } from 'vitest';
import { replica } from '../../test/support/observations.ts';
import { A, branch, history, idleStandby } from '../../test/support/observed-parts.ts';
import type { Lsn } from '../domain/lsn.ts';
import { branchPoint, type TimelineHistory } from '../domain/timeline.ts';
import { divergence } from './divergence.ts';

/** Where each timeline left which: `tree[n]` is timeline n + 2. */
type Tree = readonly { readonly parent: number; readonly at: number }[];

/** A few timelines, each leaving an older one somewhere after that one's own beginning. */
const trees: fc.Arbitrary<Tree> = fc
  .array(fc.record({ parent: fc.nat(100), ahead: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 6 })
  .map((drawn) =>
    drawn.reduce<{ parent: number; at: number }[]>((tree, { parent, ahead }, index) => {
      const from = (parent % (index + 1)) + 1;
      return [...tree, { parent: from, at: beginning(tree, from) + ahead }];
    }, []),
  );

const cases = trees.chain((tree) =>
  fc.record({
    tree: fc.constant(tree),
    leader: fc.integer({ min: 1, max: tree.length + 1 }),
    mine: fc.integer({ min: 1, max: tree.length + 1 }),
    written: fc.integer({ min: 1, max: 5 }),
  }),
);

it('a standby fits exactly when all that it has replayed is the leader’s own WAL', () => {
  fc.assert(
    fc.property(cases, ({ tree, leader, mine, written }) => {
      const position = beginning(tree, mine) + written;
      const { o } = replica({
        server: idleStandby({ timeline: branch(mine), replayLsn: BigInt(position) as Lsn, receiveLsn: null }),
        ownBranch: historyOf(tree, mine),
        observation: { leaderHistory: history({ history: historyOf(tree, leader) }) },
      });
      if (o.postgres === null || o.leaderHistory === null) throw new Error('the fixture has looked and asked');
      const { kind } = divergence(o.postgres, o.leaderHistory, A);

      const isPrefix = cells(tree, mine, position).every((cell, at) => cells(tree, leader, position)[at] === cell);
      expect(kind).toBe(isPrefix ? 'fits' : 'diverged');
    }),
    { numRuns: 1_000 },
  );
});

it('a history left a timeline where its first child on the way left it', () => {
  fc.assert(
    fc.property(cases, ({ tree, leader, mine }) => {
      const path = ancestors(tree, leader);
      const child = path[path.indexOf(mine) - 1];
      const expected =
        leader === mine
          ? { kind: 'same' }
          : path.includes(mine)
            ? { kind: 'at', lsn: BigInt(tree[(child ?? 0) - 2]?.at ?? -1) }
            : { kind: 'never' };
      expect(branchPoint(historyOf(tree, leader), branch(mine))).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

/** The slow oracle: who wrote each byte up to `end` on this timeline. */
function cells(tree: Tree, timeline: number, end: number): readonly number[] {
  const left = tree[timeline - 2];
  const inherited = left === undefined ? [] : cells(tree, left.parent, left.at);
  return [...inherited, ...Array.from({ length: Math.max(0, end - inherited.length) }, () => timeline)].slice(0, end);
}

function beginning(tree: Tree, timeline: number): number {
  return tree[timeline - 2]?.at ?? 0;
}

/** From the timeline itself back to the first. */
function ancestors(tree: Tree, timeline: number): readonly number[] {
  const left = tree[timeline - 2];
  return left === undefined ? [timeline] : [timeline, ...ancestors(tree, left.parent)];
}

function historyOf(tree: Tree, timeline: number): TimelineHistory {
  const switches = ancestors(tree, timeline)
    .filter((each) => each > 1)
    .toReversed()
    .map((each) => {
      const left = tree[each - 2] ?? { parent: 1, at: 0 };
      return { parent: branch(left.parent), switchedAt: BigInt(left.at) as Lsn, reason: '' };
    });
  return { of: branch(timeline), switches };
}
