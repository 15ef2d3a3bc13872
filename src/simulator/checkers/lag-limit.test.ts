import { describe, expect, test } from 'vitest';
import { leaseId, revision, storeKey } from '../../domain/names.ts';
import { firstBranch } from '../postgres/wal-branch.ts';
import type { Fact } from '../world/facts.ts';
import { lagLimitIsKept } from './lag-limit.ts';

const stored = (key: string, value: string, by: string | null = 'a'): Fact => ({
  kind: 'stored',
  revision: revision(2n),
  key: storeKey(key),
  lease: leaseId('1'),
  value,
  previous: null,
  by,
});
const promoting = (position: number): Fact => {
  return { kind: 'promoting', host: 'b', branch: firstBranch('a'), position, rivals: [] };
};

function said(...history: readonly Fact[]): readonly string[] {
  const checker = lagLimitIsKept({ limitBytes: 1000 });
  return history.flatMap((fact) => (checker.hears.includes(fact.kind) ? (checker.see(fact, 0) ?? []) : []));
}

test('a promotion within the limit keeps the promise', () => {
  expect(said(stored('status', '{"optime":5000,"slots":{}}'), promoting(4000))).toEqual([]);
});

test('one byte more breaks it', () => {
  expect(said(stored('status', '{"optime":5000}'), promoting(3999))).toHaveLength(1);
});

test('whom an operator named may lag', () => {
  const request = stored('failover', '{"candidate":"b"}');
  expect(said(stored('status', '{"optime":5000}'), request, promoting(0))).toEqual([]);
});

test('before a leader has published anything nothing is known to be lost', () => {
  expect(said(promoting(0))).toEqual([]);
});

test('nobody on a machine that stood still with its clocks can know what was published meanwhile', () => {
  const status = stored('status', '{"optime":5000}');
  expect(said({ kind: 'excused', host: 'b', why: 'the machine stood still' }, status, promoting(0))).toEqual([]);
  expect(said({ kind: 'excused', host: 'b', why: 'paused' }, status, promoting(0))).toHaveLength(1);
});

describe('a lock that came back with a backup of the store', () => {
  const restored = (key: string, value: string): Fact => stored(key, value, null);
  const backup = [
    restored('config', '{"synchronous_mode":true}'),
    restored('leader', 'b'),
    restored('status', '{"optime":5000}'),
  ];
  const electing = '{"leader":"a","quorum":0,"sync_standby":"b"}';

  test('is judged by the sync key of that backup, wherever it stands in it (seed 10017864)', () => {
    expect(said(...backup, restored('sync', electing), promoting(0))).toEqual([]);
  });

  test('is not judged by a sync key that was written since', () => {
    const since = { ...stored('sync', electing), revision: revision(3n) };
    expect(said(...backup, since, promoting(0))).toHaveLength(1);
  });

  test('is not judged by what an operator writes since', () => {
    const since = { ...restored('sync', electing), revision: revision(3n) };
    expect(said(...backup, since, promoting(0))).toHaveLength(1);
  });
});
