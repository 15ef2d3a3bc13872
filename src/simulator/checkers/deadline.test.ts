import { describe, expect, test } from 'vitest';
import { acknowledges, extended, judged, locked, quiet, stored } from '../../../test/support/checker-histories.ts';
import { leaseId, revision, storeKey } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import { noAcknowledgementAfterDeadline } from './deadline.ts';
import { lastRenewalIsToldTruly } from './last-renewal.ts';

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

  const shorter = leaseId('2');
  const lock = { kind: 'stored', key: storeKey('leader'), value: 'a', previous: 'a', by: 'a' } as const;
  const toShorter: readonly (readonly [number, Fact])[] = [
    [1000, { kind: 'lease-extended', lease: shorter, by: 'a', sentAt: 990, ttl: 2000 }],
    [1010, { ...lock, revision: revision(3n), lease: shorter }],
  ];

  test('a lock that its holder moved to a shorter lease ends with that one (seed 30051156)', () => {
    const moved = [...reign, ...toShorter];
    expect(judged(noAcknowledgementAfterDeadline(), [...moved, [2989, quiet('a')]])).toEqual([]);
    expect(judged(noAcknowledgementAfterDeadline(), [...moved, [2991, quiet('a')]])).toHaveLength(1);
  });

  test('but not before what all members have promised it', () => {
    const listed = stored('failsafe', { value: '{"a":"","b":""}', previous: null, by: 'a' });
    const agreed: Fact = { kind: 'failsafe-agreed', host: 'a', by: 'b', sentAt: 940, ttl: 3000 };
    const moved = [...reign, [900, listed], [950, agreed], ...toShorter] as const;
    expect(judged(noAcknowledgementAfterDeadline(), [...moved, [3939, quiet('a')]])).toEqual([]);
    expect(judged(noAcknowledgementAfterDeadline(), [...moved, [3941, quiet('a')]])).toHaveLength(1);
  });

  test('whoever leads after the store was restored asks whom the list of the backup names; who led before does not', () => {
    const before = stored('failsafe', { value: '{"a":"","b":"","c":""}', previous: null, by: 'c' });
    const restored = stored('failsafe', { value: '{"a":"","b":""}', previous: null, by: null });
    const agreed: Fact = { kind: 'failsafe-agreed', host: 'a', by: 'b', sentAt: 940, ttl: 6000 };
    const late = [
      [950, agreed],
      [5500, quiet('a')],
    ] as const;
    expect(judged(noAcknowledgementAfterDeadline(), [[0, before], [1, restored], ...reign, ...late])).toEqual([]);
    expect(judged(noAcknowledgementAfterDeadline(), [[0, before], ...reign, [900, restored], ...late])).toHaveLength(1);
  });

  test('the founder of a cluster runs before there is a lock; later nobody does', () => {
    expect(judged(noAcknowledgementAfterDeadline(), [[0, acknowledges('a')]], 1)).toEqual([]);
    expect(judged(noAcknowledgementAfterDeadline(), [...reign, [30, acknowledges('b')]], 40)).toHaveLength(2);
  });
});

describe('the last renewal is told truly', () => {
  const seeks = (renewedBeforeMs: number): Fact => ({ kind: 'seeks-lock', host: 'b', former: 'a', renewedBeforeMs });
  const expired = stored('leader', { value: null, previous: 'a', by: null });
  const reign = [
    [0, extended('a', 0)],
    [10, locked('a')],
    [4000, extended('a', 3990)],
    [9500, expired],
  ] as const;

  test('a span that is not longer than it was is true', () => {
    expect(judged(lastRenewalIsToldTruly(), [...reign, [9600, seeks(5100)]])).toEqual([]);
  });

  test('a longer one is not', () => {
    expect(judged(lastRenewalIsToldTruly(), [...reign, [9600, seeks(5800)]])).toHaveLength(1);
  });

  test('nobody knows of a lock that was taken and given up after its picture', () => {
    const shortReign = { kind: 'stored', key: storeKey('leader'), lease: leaseId('2') } as const;
    const again: readonly (readonly [number, Fact])[] = [
      [9551, { ...shortReign, revision: revision(7n), value: 'a', previous: null, by: 'a' }],
      [9552, { kind: 'lease-extended', lease: leaseId('2'), by: 'a', sentAt: 9551, ttl: 5000 }],
      [9560, { ...shortReign, revision: revision(8n), value: null, previous: 'a', by: 'a' }],
    ];
    const told = (upTo: bigint) => {
      const picture = {
        kind: 'picture-seen',
        host: 'b',
        revision: revision(upTo),
        holder: null,
        paused: null,
      } as const;
      const before = reign.filter(([at]) => at < 9500);
      return judged(lastRenewalIsToldTruly(), [...before, ...again, [9590, picture], [9600, seeks(5100)]]);
    };

    expect(told(6n)).toEqual([]);
    expect(told(8n)).toHaveLength(1);
  });

  test('who comes too late says it of an earlier reign', () => {
    const late = [...reign, [9550, locked('a')], [9600, seeks(5800)]] as const;

    expect(judged(lastRenewalIsToldTruly(), late)).toEqual([]);
  });
});
