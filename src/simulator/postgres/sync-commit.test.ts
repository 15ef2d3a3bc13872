import { expect, test } from 'vitest';
import { parseSyncRule, syncedUpTo, syncStates } from './sync-commit.ts';

function rule(text: string) {
  const parsed = parseSyncRule(text);
  if (parsed === null) throw new Error('no rule');
  return parsed;
}

const standbys = [
  { name: 'b', flushed: 10, hasCaughtUp: true },
  { name: 'c', flushed: 30, hasCaughtUp: true },
  { name: 'd', flushed: 20, hasCaughtUp: true },
];

test('synchronous_standby_names is read as PostgreSQL reads it', () => {
  expect(parseSyncRule('')).toBeNull();
  expect(parseSyncRule(' b , "C"')).toEqual({ method: 'first', count: 1, names: ['b', 'c'] });
  expect(parseSyncRule('2 (b, c)')).toEqual({ method: 'first', count: 2, names: ['b', 'c'] });
  expect(parseSyncRule('ANY 1 (*)')).toEqual({ method: 'any', count: 1, names: ['*'] });
});

test('FIRST waits for the best that are there, however far others are', () => {
  expect(syncedUpTo(rule('FIRST 1 (b, c)'), standbys)).toBe(10);
  expect(syncedUpTo(rule('FIRST 2 (d, b, c)'), standbys)).toBe(10);
  expect(syncedUpTo(rule('FIRST 1 (x, d)'), standbys)).toBe(20);
  expect(syncStates(rule('FIRST 1 (c, b)'), standbys)).toEqual([
    { state: 'potential', priority: 2 },
    { state: 'sync', priority: 1 },
    { state: 'async', priority: 0 },
  ]);
});

test('ANY waits for so many, whoever they are', () => {
  expect(syncedUpTo(rule('ANY 1 (b, c, d)'), standbys)).toBe(30);
  expect(syncedUpTo(rule('ANY 2 (*)'), standbys)).toBe(20);
  expect(syncStates(rule('ANY 1 (*)'), standbys.slice(0, 1))).toEqual([{ state: 'quorum', priority: 1 }]);
});

test('nobody waits for one that has not caught up', () => {
  const coming = standbys.map((each) => ({ ...each, hasCaughtUp: each.name !== 'c' }));
  expect(syncedUpTo(rule('FIRST 1 (c, b)'), coming)).toBe(10);
  expect(syncedUpTo(rule('ANY 1 (*)'), coming)).toBe(20);
  expect(syncedUpTo(rule('ANY 3 (*)'), coming)).toBe(-Infinity);
  expect(syncStates(rule('ANY 1 (*)'), coming)[1]).toEqual({ state: 'potential', priority: 1 });
});

test('too few: nothing is acknowledged', () => {
  expect(syncedUpTo(rule('ANY 2 (b, x)'), standbys)).toBe(-Infinity);
  expect(syncedUpTo(rule('x'), standbys)).toBe(-Infinity);
});
