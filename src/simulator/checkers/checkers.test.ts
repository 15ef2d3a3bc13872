import { describe, expect, test } from 'vitest';
import { leaseId, memberName, revision, storeKey, systemId } from '../../domain/names.ts';
import { firstBranch } from '../postgres/wal-branch.ts';
import type { Fact } from '../world/facts.ts';
import type { Checker } from './checker.ts';
import { dataRemovedOnlyIfAllowed } from './data-removal.ts';
import { noAcknowledgementAfterDeadline } from './deadline.ts';
import { noDefect } from './no-defect.ts';
import { oneAcknowledges } from './one-acknowledges.ts';
import { oneCluster } from './one-cluster.ts';
import { oneHolder } from './one-holder.ts';
import { promoteOnlyUnderLease } from './promotion.ts';
import { rewindOnlyFromCheckpointedPrimary } from './rewind-source.ts';
import { standbysFollowTheirOwnHistory } from './timelines.ts';

const branch = firstBranch('a');
const LEASE = leaseId('1');
const acknowledges = (host: string): Fact => ({ kind: 'acknowledges', host, branch });
const quiet = (host: string): Fact => ({ kind: 'falls-quiet', host });
const extended = (host: string, sentAt: number): Fact => ({
  kind: 'lease-extended',
  lease: LEASE,
  by: host,
  sentAt,
  ttl: 5000,
});
const stored = (key: string, change: { value: string | null; previous: string | null; by: string | null }): Fact => ({
  kind: 'stored',
  revision: revision(2n),
  key: storeKey(key),
  lease: change.value === null ? null : LEASE,
  ...change,
});
const locked = (host: string): Fact => stored('leader', { value: host, previous: null, by: host });
const removed = (host: string): Fact => ({
  kind: 'data-removed',
  host,
  had: 'cluster',
  task: { kind: 'remove-data', allowedBy: 'a test' },
});
const created = (host: string, id: string): Fact => {
  const identifier = systemId(id);
  if (identifier === null) throw new Error('no identifier');
  return { kind: 'cluster-created', host, systemId: identifier };
};

/** What a checker says to a history of (time, fact), and at its end. */
function judged(checker: Checker, history: readonly (readonly [number, Fact])[], end = 100_000): readonly string[] {
  const said = history.map(([time, fact]) => checker.see(fact, time));
  return [...said, checker.end?.(end) ?? null].filter((each) => each !== null);
}

describe('no acknowledgement after the deadline', () => {
  const reign = [
    [0, extended('a', 0)],
    [10, locked('a')],
    [20, acknowledges('a')],
  ] as const;

  test('a primary that stops before its deadline keeps the promise', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [4999, quiet('a')]])).toEqual([]);
  });

  test('one that stops 1 ms after it breaks it', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [5001, quiet('a')]])).toHaveLength(1);
  });

  test('a renewal counts from when it was sent', () => {
    const renewed = [...reign, [4000, extended('a', 3000)]] as const;
    expect(judged(noAcknowledgementAfterDeadline(), [...renewed, [7999, quiet('a')]])).toEqual([]);
    expect(judged(noAcknowledgementAfterDeadline(), [...renewed, [8001, quiet('a')]])).toHaveLength(1);
  });

  test('a gap between two renewals is seen by the second', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [6000, extended('a', 5900)]], 6000)).toHaveLength(1);
  });

  test('the founder of a cluster runs before there is a lock; later nobody does', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [[0, acknowledges('a')]], 1)).toEqual([]);
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [30, acknowledges('b')]], 40)).toHaveLength(2);
  });
});

describe('what else is promised', () => {
  test('two nodes never acknowledge at one time, one after the other may', () => {
    const checker = () => oneAcknowledges({ ttlMs: 5000 });
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
    const promoting = (host: string): Fact => ({ kind: 'promoting', host });
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
  });

  test('data goes only where a setting allows it, and never the last copy', () => {
    const two = [
      [1, acknowledges('a')],
      [2, acknowledges('b')],
    ] as const;
    const allowed = { removalAllowed: true, nodes: 3 };
    expect(judged(dataRemovedOnlyIfAllowed(allowed), [...two, [3, removed('a')]])).toEqual([]);
    expect(judged(dataRemovedOnlyIfAllowed(allowed), [...two, [3, removed('a')], [4, removed('b')]])).toHaveLength(1);
    const never = { removalAllowed: false, nodes: 3 };
    expect(judged(dataRemovedOnlyIfAllowed(never), [...two, [3, removed('a')]])).toHaveLength(1);
  });

  test('pg_rewind never copies from a primary whose checkpoint is not done', () => {
    const rewinding = (sourceState: 'checkpointed-primary' | 'primary-without-checkpoint'): Fact => {
      return { kind: 'rewinding', host: 'a', from: 'b', localServer: 'down', sourceState };
    };
    expect(judged(rewindOnlyFromCheckpointedPrimary(), [[1, rewinding('checkpointed-primary')]])).toEqual([]);
    expect(judged(rewindOnlyFromCheckpointedPrimary(), [[1, rewinding('primary-without-checkpoint')]])).toHaveLength(1);
  });

  test('one cluster is founded, and its identifier stays', () => {
    const published = (id: string, previous: string): Fact => stored('initialize', { value: id, previous, by: 'a' });
    const [one, two] = ['7400000000000000001', '7400000000000000002'];
    expect(
      judged(oneCluster(), [
        [1, created('a', one)],
        [2, published(one, '')],
      ]),
    ).toEqual([]);
    expect(
      judged(oneCluster(), [
        [1, created('a', one)],
        [2, published(one, '')],
        [3, created('b', two)],
      ]),
    ).toHaveLength(1);
  });

  test('a standby that follows another branch of the same number, and a machine that throws, are violations', () => {
    const follows: Fact = { kind: 'follows-another-history', host: 'a', from: 'b', timeline: 3 };
    const defect: Fact = { kind: 'defect', host: memberName('a'), actor: 'agent', message: 'a sentence' };
    expect(judged(standbysFollowTheirOwnHistory(), [[1, follows]])).toHaveLength(1);
    expect(judged(noDefect(), [[1, defect]])).toHaveLength(1);
  });
});
