import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Timings } from './dynamic-config.ts';
import { seconds } from './time.ts';
import { correctTimings, timingAdjustments } from './timings.ts';

const patroniPresent = { foreignMemberPresent: true };
const amongOurselves = { foreignMemberPresent: false };

function given(ttl: number, loopWait: number, retryTimeout: number): Timings {
  return { ttl: seconds(ttl), loopWait: seconds(loopWait), retryTimeout: seconds(retryTimeout) };
}

describe('with a Patroni agent in the cluster (dcs.md 2.7, config.md 6.2)', () => {
  it.each([
    ['CC10, C-51, CONF-2', given(20, 10, 10), given(20, 1, 9)],
    ['the defaults', given(30, 10, 10), given(30, 10, 10)],
    ['a long loop', given(30, 30, 10), given(30, 10, 10)],
    ['a long retry', given(30, 10, 15), given(30, 1, 14)],
    ['CC11: a long loop by one', given(30, 15, 10), given(30, 10, 10)],
    ['CONF-3: retry and loop too long together', given(30, 10, 12), given(30, 6, 12)],
    ['everything too short', given(10, 10, 2), given(20, 10, 3)],
    ['a ttl too short', given(5, 1, 3), given(20, 1, 3)],
    ['nothing at all', given(5, 0, 1), given(20, 1, 3)],
    ['a retry beyond reason', given(20, 15, 100), given(20, 1, 9)],
  ])('%s: %j becomes %j', (_name, wanted, used) => {
    expect(correctTimings(wanted, patroniPresent)).toEqual(used);
  });
});

describe('among ourselves', () => {
  it.each([
    ['a short lease stays as it is', given(5, 2, 1), given(5, 2, 1)],
    ['the shortest that fits', given(3, 1, 1), given(3, 1, 1)],
    ['the rule holds here too', given(5, 5, 1), given(5, 3, 1)],
    ['below the floor', given(1, 0, 0), given(2, 1, 1)],
    ['in the smallest ttl the shortest retry wins over the rule', given(2, 1, 1), given(2, 1, 1)],
  ])('%s: %j becomes %j', (_name, wanted, used) => {
    expect(correctTimings(wanted, amongOurselves)).toEqual(used);
  });
});

it('says what it changed, and nothing when it changed nothing', () => {
  expect(timingAdjustments(given(5, 2, 1), amongOurselves)).toEqual([]);
  const adjustments = timingAdjustments(given(5, 2, 1), patroniPresent);
  expect(adjustments).toHaveLength(2);
  expect(adjustments.join()).toContain('ttl=5');
  expect(timingAdjustments(given(30, 10, 12), patroniPresent)).toHaveLength(1);
});

it('keeps the rule whenever ttl has room for it, never raises ttl for it, and is stable', () => {
  const span = fc.integer({ min: -5, max: 200 });
  fc.assert(
    fc.property(span, span, span, fc.boolean(), (ttl, loopWait, retryTimeout, foreignMemberPresent) => {
      const company = { foreignMemberPresent };
      const used = correctTimings(given(ttl, loopWait, retryTimeout), company);
      expect(used.ttl).toBe(seconds(Math.max(ttl, foreignMemberPresent ? 20 : 2)));
      expect(used.loopWait).toBeGreaterThanOrEqual(1000);
      expect(used.retryTimeout).toBeGreaterThanOrEqual(1000);
      if (used.ttl >= 3000) expect(used.loopWait + 2 * used.retryTimeout).toBeLessThanOrEqual(used.ttl);
      expect(correctTimings(used, company)).toEqual(used);
    }),
  );
});
