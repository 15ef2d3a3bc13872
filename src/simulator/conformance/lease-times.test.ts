import { expect, test } from 'vitest';
import { leaseId, memberName, revision, storeKey } from '../../domain/names.ts';
import { instant, millis } from '../../domain/time.ts';
import { readClusterView } from '../../wire/dcs/cluster-view.ts';
import type { Cause } from './key-space-walk.ts';
import { leaseContradictions } from './lease-times.ts';
import { revisionContradictions } from './revision-times.ts';
import type { StoreRecord } from './store-record.ts';

const lease = leaseId('7');
const ended = new Map([[revision(2n), { kind: 'lease-ended', lease } satisfies Cause]]);
const allowance = { electionTimeoutMs: 1000, noticeMs: 100 };

/** A lease of 5 s, last extended by what was sent at 1000; its end is seen at `seenAt`, and not yet in a read sent then. */
function recordOf(seenAt: number, notYetAt: number, terms: readonly bigint[] = [3n, 3n]): StoreRecord {
  const view = readClusterView([], revision(2n));
  const lock = { holder: memberName('a'), lease, createRevision: revision(1n), modRevision: revision(1n) };
  return {
    writes: [],
    lockReads: [
      {
        by: 'a',
        sentAt: instant(notYetAt),
        at: instant(notYetAt + 5),
        read: { kind: 'read', revision: revision(1n), lock },
      },
    ],
    extensions: [
      { by: 'a', lease, sentAt: instant(1000), answered: { at: instant(1010), ttl: millis(5000) }, givenUpAt: null },
    ],
    watches: [{ by: 'b', shown: [{ kind: 'view', at: instant(seenAt), view, gapless: false }] }],
    terms: terms.map((term, index) => ({ at: instant(900 + 2000 * index), term })),
  };
}

test('a lease ends within its time to live, the scan and what is allowed for noticing', () => {
  expect(leaseContradictions(recordOf(6300, 5900), ended, allowance)).toEqual([]);
});

test('a lease that ends before its time to live has passed since the keep-alive was sent contradicts', () => {
  expect(leaseContradictions(recordOf(5900, 2000), ended, allowance)).toEqual([
    expect.stringContaining('100 ms before'),
  ]);
});

test('a lease that is there long after its time contradicts, unless the store had elected a leader meanwhile', () => {
  expect(leaseContradictions(recordOf(9000, 6700), ended, allowance)).toEqual([expect.stringContaining('ms after')]);
  expect(leaseContradictions(recordOf(9000, 6700, [3n, 4n]), ended, allowance)).toEqual([]);
});

test('a revision that is seen before a linearizable read without it was sent contradicts', () => {
  expect(revisionContradictions(recordOf(6300, 6400), ended)).toHaveLength(1);
  expect(revisionContradictions(recordOf(6300, 6200), ended)).toEqual([]);
});

test('a write that is told its revision after others saw it was sent before that', () => {
  const put = { key: storeKey('leader'), action: { kind: 'delete' }, when: [] } as const;
  const write = { by: 'a', sentAt: instant(7000), write: put, answered: null };
  const causes = new Map([[revision(2n), { kind: 'write', write } satisfies Cause]]);
  expect(revisionContradictions(recordOf(6300, 2000), causes)).toHaveLength(1);
});
