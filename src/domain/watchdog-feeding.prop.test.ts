import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, instant, millis } from './time.ts';
import { mayFeed, nextFeed } from './watchdog-feeding.ts';

const timeout = fc.integer({ min: 2, max: 120 }).map((each) => millis(each * 1_000));
/** Of the deadline from the time-out: as much as a margin may be. */
const margin = fc.integer({ min: 200, max: 60_000 });
const lateness = fc.integer({ min: 0, max: 40 });

test('fed whenever it is due, by timers that are late, it fires before the deadline and not long before', () => {
  fc.assert(
    fc.property(timeout, margin, lateness, (span, room, late) => {
      const deadline = instant(span + room);
      const fires = feedAll({ timeout: span, deadline, late }) + span;

      expect(fires).toBeLessThan(deadline);
      expect(fires).toBeGreaterThan(deadline - 260);
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
