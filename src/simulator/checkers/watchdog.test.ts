import { describe, expect, test } from 'vitest';
import { type LeaseId, leaseId, revision, storeKey } from '../../domain/names.ts';
import type { WatchdogReport } from '../../domain/watchdog.ts';
import type { Fault } from '../faults/fault.ts';
import { firstBranch } from '../postgres/wal-branch.ts';
import type { Fact, WalEnd } from '../world/facts.ts';
import { calmSettings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { noResetWithoutCause } from './watchdog-cause.ts';
import { watchdogEndsWriting } from './watchdog-deadline.ts';
import { requiredWatchdogIsActive } from './watchdog-required.ts';

/** What the checker says of these facts, each at its time. */
function said(checker: Checker, ...facts: readonly (readonly [now: number, fact: Fact])[]): string | null {
  const heard = facts.map(([now, fact]) => (checker.hears.includes(fact.kind) ? checker.see(fact, now) : null));
  return heard.find((each) => each !== null) ?? checker.end?.(facts.at(-1)?.[0] ?? 0) ?? null;
}

const fed = (firesAt: number): Fact => ({ kind: 'watchdog-fed', host: 'a', firesAt });
const locks = (lease: LeaseId, previous: string | null): Fact => {
  const change = { key: storeKey('leader'), value: 'a', previous, by: 'a', lease } as const;
  return { kind: 'stored', ...change, revision: revision(2n), sentAt: 0 };
};
const stopped: Fact = { kind: 'watchdog-stopped', host: 'a' };
const told = (how: WatchdogReport['kind']): Fact => ({ kind: 'watchdog-told', host: 'a', how });
const reset: Fact = { kind: 'watchdog-reset', host: 'a' };
const faultOn = (host: string, fault: Fault): Fact => ({ kind: 'fault', host, fault });
const frozen = { kind: 'freeze-guardian', target: 0, span: 2_000 } as const;

describe('watchdog-ends-writing', () => {
  const ends = (canClose = true): Checker => watchdogEndsWriting({ watchdog: { ...calmSettings.watchdog, canClose } });
  const lease = leaseId('1');
  const leads: readonly (readonly [number, Fact])[] = [
    [0, { kind: 'lease-extended', lease, by: 'a', sentAt: 0, ttl: 5_000 }],
    [0, locks(lease, null)],
    [10, { kind: 'acknowledges', host: 'a', branch: firstBranch('a') }],
  ];

  test('a feed that lasts beyond the deadline breaks it, as soon as it stays', () => {
    expect(said(ends(), ...leads, [20, fed(5_001)], [30, fed(4_000)])).toContain('after its deadline');
  });

  test('one that fires before the deadline does not, nor one that is closed at once', () => {
    expect(said(ends(), ...leads, [20, fed(4_999)], [30, fed(5_000)])).toBeNull();
    expect(said(ends(), ...leads, [20, fed(5_001)], [21, stopped], [30, fed(4_000)])).toBeNull();
  });

  test('nor one of a device that cannot be closed, while the guardian says that it is of no use', () => {
    for (const how of ['failed', 'off'] as const) {
      expect(said(ends(false), ...leads, [20, fed(9_000)], [20, told(how)], [30, fed(9_000)])).toBeNull();
      expect(said(ends(), ...leads, [20, fed(9_000)], [20, told(how)], [30, fed(9_000)])).not.toBeNull();
    }
  });

  test('said to be of use again, or by the next guardian, it does', () => {
    const again: readonly Fact[] = [told('active'), { kind: 'guardian-ended', host: 'a' }];
    for (const fact of again) {
      const late = [fed(9_000), fed(9_000)].map((each, index) => [30 + 10 * index, each] as const);
      expect(said(ends(false), ...leads, [20, told('failed')], [25, fact], ...late)).not.toBeNull();
    }
  });

  const shorter = leaseId('2');
  const toShorter: readonly (readonly [number, Fact])[] = [
    [100, { kind: 'lease-extended', lease: shorter, by: 'a', sentAt: 90, ttl: 2_000 }],
    [110, locks(shorter, 'a')],
  ];

  test('a lock that moves to a shorter lease before the device is set to fire sooner breaks it (seed 30051156)', () => {
    expect(said(ends(), ...leads, [20, fed(4_000)], ...toShorter, [120, fed(2_000)])).toContain('after its deadline');
  });

  test('set before it does not, nor one that an earlier guardian left counting', () => {
    const ended: Fact = { kind: 'guardian-ended', host: 'a' };
    expect(said(ends(), ...leads, [20, fed(4_000)], [95, fed(2_000)], ...toShorter, [120, fed(2_000)])).toBeNull();
    expect(said(ends(), ...leads, [20, fed(4_000)], [50, ended], ...toShorter, [120, fed(2_000)])).toBeNull();
    expect(
      said(ends(), ...leads, [20, fed(4_000)], [50, ended], [60, fed(4_000)], ...toShorter, [120, fed(2_000)]),
    ).not.toBeNull();
  });

  test('nor one beside a server that does not write', () => {
    const quiet: Fact = { kind: 'falls-quiet', host: 'a' };
    expect(said(ends(), ...leads, [15, quiet], [20, fed(9_000)], [30, fed(9_000)])).toBeNull();
  });
});

describe('no-reset-without-cause', () => {
  const resets = noResetWithoutCause;

  test('a reset while the guardian lived breaks it', () => {
    expect(said(resets(), [0, fed(5_000)], [5_000, reset])).toContain('lived all the time');
  });

  test('also while only the agent was frozen, or another machine’s guardian', () => {
    const agent = faultOn('a', { kind: 'freeze-agent', target: 0, span: 9_000 });
    expect(said(resets(), [0, fed(5_000)], [1, agent], [5_000, reset])).not.toBeNull();
    expect(said(resets(), [0, fed(5_000)], [1, faultOn('b', frozen)], [5_000, reset])).not.toBeNull();
  });

  test('one whose guardian was frozen since the last feed does not', () => {
    expect(said(resets(), [0, fed(5_000)], [1, faultOn('a', frozen)], [5_000, reset])).toBeNull();
  });

  test('a store so slow that it cannot be fed is no cause', () => {
    const slow: Fact = { kind: 'fault', host: null, fault: { kind: 'slow-store', span: 9_000, extraMs: 1_400 } };
    expect(said(resets(), [0, fed(5_000)], [1, slow], [5_000, reset])).not.toBeNull();
  });

  test('one whose guardian was frozen long before does', () => {
    const before: readonly [number, Fact] = [0, faultOn('a', frozen)];
    expect(said(resets(), before, [3_000, fed(8_000)], [8_000, reset])).not.toBeNull();
  });
});

describe('required-watchdog-is-active', () => {
  const end: WalEnd = { host: 'a', branch: firstBranch('a'), position: 1 };
  const promoting: Fact = { kind: 'promoting', ...end, rivals: [] };
  const checker = (mode: 'automatic' | 'required'): Checker =>
    requiredWatchdogIsActive({ watchdog: { ...calmSettings.watchdog, mode } });

  test('a promotion without one that counts breaks it', () => {
    expect(said(checker('required'), [0, promoting])).toContain('does not count');
    expect(said(checker('required'), [0, fed(9)], [1, stopped], [2, promoting])).toContain('does not count');
  });

  test('with one, or where none is required, it does not', () => {
    expect(said(checker('required'), [0, fed(9)], [1, promoting])).toBeNull();
    expect(said(checker('automatic'), [0, promoting])).toBeNull();
  });

  const shows = (host: string, paused: boolean | null): Fact => {
    return { kind: 'picture-seen', host, revision: revision(2n), holder: null, paused };
  };

  test('nor in a pause, for as long as its agent is shown no end of it (seed 31021199)', () => {
    const operator: Fact = { kind: 'fault', host: null, fault: { kind: 'pause-cluster', of: 0, span: 1 } };
    const paused = [0, shows('a', true)] as const;
    expect(said(checker('required'), [0, operator], paused, [99_999, promoting])).toBeNull();
    expect(said(checker('required'), paused, [1, shows('a', null)], [99_999, promoting])).toBeNull();
    expect(said(checker('required'), paused, [10, shows('a', false)], [11, promoting])).toBeNull();
  });

  test('once it is shown that the pause is over it does, or if it never was told of it', () => {
    const operator: Fact = { kind: 'fault', host: null, fault: { kind: 'pause-cluster', of: 0, span: 60_000 } };
    const over = [10, shows('a', false)] as const;
    expect(said(checker('required'), [0, operator], [1, promoting])).not.toBeNull();
    expect(said(checker('required'), [0, shows('b', true)], [1, promoting])).not.toBeNull();
    expect(said(checker('required'), [0, shows('a', true)], over, [15, over[1]], [20, promoting])).not.toBeNull();
    const anew: Fact = { kind: 'agent-began', host: 'a', tags: {} };
    expect(said(checker('required'), [0, shows('a', true)], [5, anew], [6, promoting])).not.toBeNull();
  });
});
