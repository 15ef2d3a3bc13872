import { describe, expect, test } from 'vitest';
import { branch, position } from '../../test/support/observed-parts.ts';
import { branchPoint, endsBeforeItBegins, nextTimeline } from './timeline.ts';

const at = (parent: number, switchedAt: string) => ({
  parent: branch(parent),
  switchedAt: position(switchedAt),
  reason: '',
});
const plain = { of: branch(3), switches: [at(1, '0/1000'), at(2, '0/2000')] };
/** As PostgreSQL writes it: promoted out of timeline 2, which it waited for, from before that begins. */
const turned = { of: branch(3), switches: [at(1, '0/2000'), at(2, '0/1000')] };
const skipped = { of: branch(4), switches: [at(1, '0/1000'), at(3, '0/2000')] };

describe('where a history leaves a timeline', () => {
  test.each([
    ['its own', plain, 3, { kind: 'same' }],
    ['one that it came by', plain, 2, { kind: 'at', lsn: position('0/2000') }],
    ['one that it skipped', skipped, 2, { kind: 'never' }],
    ['a later one', plain, 4, { kind: 'never' }],
    ['one before a timeline that ends before it begins', turned, 1, { kind: 'at', lsn: position('0/1000') }],
    ['that timeline itself', turned, 2, { kind: 'at', lsn: position('0/1000') }],
  ])('%s', (_, history, from, expected) => {
    expect(branchPoint(history, branch(from))).toEqual(expected);
  });

  test('a timeline that ends before it begins is told for it, and for all before it', () => {
    expect([1, 2, 3].map((each) => endsBeforeItBegins(turned, branch(each)))).toEqual([true, true, false]);
    expect([1, 2, 3].map((each) => endsBeforeItBegins(plain, branch(each)))).toEqual([false, false, false]);
  });

  test('the next one', () => {
    expect([1, 2, 3, 4].map((each) => nextTimeline(skipped, branch(each)))).toEqual([3, null, 4, null]);
  });
});
