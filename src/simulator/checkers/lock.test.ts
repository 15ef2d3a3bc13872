import { describe, expect, test } from 'vitest';
import {
  acknowledges,
  extended,
  judged,
  locked,
  promoting,
  quiet,
  stored,
} from '../../../test/support/checker-histories.ts';
import { revision } from '../../domain/names.ts';
import { Excuses } from '../faults/excuses.ts';
import type { Fact } from '../world/facts.ts';
import { oneAcknowledges } from './one-acknowledges.ts';
import { oneHolder } from './one-holder.ts';
import { promoteOnlyUnderLease } from './promotion.ts';

describe('who holds the lock, and what it allows', () => {
  test('two nodes never acknowledge at one time, one after the other may', () => {
    const checker = () => oneAcknowledges();
    expect(
      judged(checker(), [
        [1, acknowledges('a')],
        [2, quiet('a')],
        [3, acknowledges('b')],
      ]),
    ).toEqual([]);
    expect(
      judged(checker(), [
        [1, acknowledges('a')],
        [2, acknowledges('b')],
      ]),
    ).toHaveLength(1);
  });

  test('the lock changes hands only through absence, and each writes its own name', () => {
    expect(judged(oneHolder(), [[1, locked('a')]])).toEqual([]);
    expect(judged(oneHolder(), [[1, stored('leader', { value: 'b', previous: 'a', by: 'b' })]])).toHaveLength(1);
    expect(judged(oneHolder(), [[1, stored('leader', { value: 'b', previous: null, by: 'a' })]])).toHaveLength(1);
    expect(judged(oneHolder(), [[1, stored('leader', { value: null, previous: 'a', by: 'b' })]])).toHaveLength(1);
  });

  test('only the holder is promoted', () => {
    expect(
      judged(promoteOnlyUnderLease(), [
        [1, locked('a')],
        [2, promoting('a')],
      ]),
    ).toEqual([]);
    expect(
      judged(promoteOnlyUnderLease(), [
        [1, locked('a')],
        [2, promoting('b')],
      ]),
    ).toHaveLength(1);
    const late = [
      [0, extended('a', 0)],
      [1, locked('a')],
      [5000, promoting('a')],
    ] as const;
    expect(judged(promoteOnlyUnderLease(), late)).toHaveLength(1);
    const excused = (why: string): Fact => ({ kind: 'excused', host: 'a', why });
    expect(judged(promoteOnlyUnderLease(), [[0, excused('the machine stood still')], ...late])).toEqual([]);
    expect(judged(promoteOnlyUnderLease(), [[0, excused('paused')], ...late])).toHaveLength(1);
  });

  test('each reason is told, also where a host is outside the promises for another one already (seed 32139869)', () => {
    const told: (readonly [number, Fact])[] = [];
    const excuses = new Excuses((fact) => told.push([0, fact]));
    const late = [
      [0, extended('a', 0)],
      [1, locked('a')],
      [5000, promoting('a')],
    ] as const;
    excuses.begin('a', 'paused');
    const stoodStill = [excuses.begin('a', 'the machine stood still'), excuses.begin('a', 'the machine stood still')];
    stoodStill[0]?.();
    stoodStill[0]?.();
    expect(judged(promoteOnlyUnderLease(), [...told, ...late])).toEqual([]);
    stoodStill[1]?.();
    expect(judged(promoteOnlyUnderLease(), [...told, ...late])).toHaveLength(1);
    expect(told.map(([, { kind }]) => kind)).toEqual(['excused', 'excused', 'excuse-ended']);
  });

  test('a lock deleted by hand counts for its holder until its agent has seen that', () => {
    const gone = stored('leader', { value: null, previous: 'a', by: null });
    const seen: Fact = { kind: 'picture-seen', host: 'a', revision: revision(2n), holder: null, paused: false };
    const robbed = [
      [0, extended('a', 0)],
      [1, locked('a')],
      [2, gone],
    ] as const;
    expect(judged(promoteOnlyUnderLease(), [...robbed, [300, promoting('a')]])).toEqual([]);
    expect(judged(promoteOnlyUnderLease(), [...robbed, [3, locked('b')], [300, promoting('a')]])).toEqual([]);
    expect(judged(promoteOnlyUnderLease(), [...robbed, [3, seen], [300, promoting('a')]])).toHaveLength(1);
  });
});
