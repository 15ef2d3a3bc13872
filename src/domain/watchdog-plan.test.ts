import { describe, expect, test } from 'vitest';
import { seconds } from './time.ts';
import { planWatchdog } from './watchdog-plan.ts';

type Case = readonly [what: string, given: Given, timeoutSeconds: number | 'none' | 'impossible'];
type Given = {
  readonly ttl: number;
  readonly loop: number;
  readonly margin?: number;
  readonly mode?: 'off' | 'required';
};

const cases: readonly Case[] = [
  ['CC170: ttl less the margin', { ttl: 30, loop: 10 }, 25],
  ['another margin', { ttl: 30, loop: 10, margin: 12 }, 18],
  ['CC170, CONF-53: -1: half of ttl', { ttl: 30, loop: 10, margin: -1 }, 15],
  ['half of an odd ttl, rounded down', { ttl: 31, loop: 10, margin: -1 }, 15],
  ['CC170: ttl 20 is Patroni’s smallest: the usual margin', { ttl: 20, loop: 10 }, 15],
  ['below it the usual margin means half', { ttl: 10, loop: 4 }, 5],
  ['below it another margin counts', { ttl: 10, loop: 4, margin: 3 }, 7],
  ['exactly loop_wait is enough', { ttl: 30, loop: 25 }, 25],
  ['shorter than loop_wait is not', { ttl: 30, loop: 26 }, 'impossible'],
  ['at ttl 5 half of it is too short to be fed regularly', { ttl: 5, loop: 1 }, 'impossible'],
  ['at ttl 5 a margin of 2 s leaves enough', { ttl: 5, loop: 2, margin: 2 }, 3],
  ['at ttl 8 half of it is long enough', { ttl: 8, loop: 2 }, 4],
  ['no margin at all: it could never be fed', { ttl: 30, loop: 10, margin: 0 }, 'impossible'],
  ['a margin as long as ttl leaves nothing', { ttl: 30, loop: 10, margin: 30 }, 'impossible'],
  ['longer than the kernel takes', { ttl: 70_000, loop: 10 }, 'impossible'],
  ['off is off', { ttl: 30, loop: 10, mode: 'off' }, 'none'],
];

describe('the time-out', () => {
  test.each([
    [{ ttl: 5, loop: 2 }, 'a safety_margin of 1 to 2 fits'],
    [{ ttl: 30, loop: 29, margin: 5 }, 'a safety_margin of 1 fits'],
    [{ ttl: 3, loop: 3 }, 'a ttl of 3 s leaves no time-out that could be kept'],
  ])('%j: what to do about it is said', (given, says) => {
    expect(planned(given)).toMatchObject({ kind: 'impossible', because: expect.stringMatching(`${says}$`) });
  });

  test.each(cases)('%s', (_, given, expected) => {
    const plan = planned(given);
    expect(plan.kind === 'wanted' ? plan.settings.timeout / 1000 : plan.kind).toBe(expected);
  });

  test('required takes no longer one from the device, automatic any that fits below ttl', () => {
    expect(planned({ ttl: 30, loop: 10, mode: 'required' })).toMatchObject({ settings: { longest: seconds(25) } });
    expect(planned({ ttl: 30, loop: 10 })).toMatchObject({ settings: { longest: seconds(29) } });
  });

  test('the shortest that may be read back is longer than a renewal interval and a second, and not below loop_wait', () => {
    expect(planned({ ttl: 30, loop: 1 })).toMatchObject({ settings: { shortest: seconds(7) } });
    expect(planned({ ttl: 30, loop: 10 })).toMatchObject({ settings: { shortest: seconds(10) } });
  });
});

function planned({ ttl, loop, margin = 5, mode }: Given): ReturnType<typeof planWatchdog> {
  const config = { mode: mode ?? 'automatic', device: '/dev/watchdog', safetyMargin: margin } as const;
  return planWatchdog(config, { ttl: seconds(ttl), loopWait: seconds(loop), retryTimeout: seconds(1) });
}
