import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, instant, millis } from './time.ts';
import { givenUpAt, mayFeed, nextFeed } from './watchdog-feeding.ts';

const timeout = fc.integer({ min: 2, max: 120 }).map((each) => millis(each * 1_000));
/** Of the deadline from the time-out: as much as a margin may be. */
const margin = fc.integer({ min: 200, max: 60_000 });
const lateness = fc.integer({ min: 0, max: 40 });

test('fed whenever it is due, by timers that are late, it fires before the deadline and not long before', () => {
  fc.assert(
    fc.property(timeout, margin, lateness, (span, room, late) => {
      const deadline = instant(span + room);
      const at = feedAll({ timeout: span, deadline, late });
      const fires = at + span;

      expect(fires).toBeLessThan(deadline);
      expect(fires).toBeGreaterThan(deadline - 260);
      expect(givenUpAt({ at, timeout: span, deadline })).toBeNull();
    }),
  );
});

test('from one feed to the next it is never longer than a third of the time-out', () => {
  fc.assert(
    fc.property(timeout, fc.option(margin), fc.nat(100_000), (span, room, at) => {
      const deadline = room === null ? null : instant(at + span + room);
      const next = nextFeed({ at: instant(at), timeout: span, deadline });

      expect(next === null ? 0 : next - at).toBeLessThanOrEqual(span / 3 + 0.001);
    }),
  );
});

test.each([
  ['long before the deadline it is given up', 2_000, 3_500],
  ['also while PostgreSQL is just being killed, 0.3 s before it (seed 31242601)', 5_703, 7_203],
  ['when that is over it has to fire', 5_745, null],
])('%s', (_when, at, until) => {
  const fed = { at: instant(at), timeout: millis(2_000), deadline: instant(8_000) };
  expect(givenUpAt(fed)).toBe(until);
});

test('later than that it may not be fed', () => {
  const feeding = { timeout: millis(25_000), deadline: instant(30_000) };

  expect(mayFeed(instant(4_900), feeding)).toBe(true);
  expect(mayFeed(instant(4_901), feeding)).toBe(false);
});

/** @returns when it was fed last. */
function feedAll(run: {
  readonly timeout: ReturnType<typeof millis>;
  readonly deadline: Instant;
  readonly late: number;
}): Instant {
  let at = instant(0);
  for (let feeds = 0; feeds < 1_000; feeds += 1) {
    const due = nextFeed({ at, timeout: run.timeout, deadline: run.deadline });
    if (due === null || !mayFeed(instant(due + run.late), run)) return at;
    at = instant(due + run.late);
  }
  throw new Error('fed without end');
}
