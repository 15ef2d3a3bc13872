import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fastStopAt, hardFenceAt } from './fencing.ts';
import { between, earlier, earliest, instant, later, latest, millis } from './time.ts';

const instants = fc.nat(10_000_000).map(instant);
const spans = fc.nat(100_000).map(millis);

it('the orderly stop comes first, then the hard fence, then the deadline', () => {
  fc.assert(
    fc.property(instants, (deadline) => {
      expect(fastStopAt(deadline)).toBeLessThan(hardFenceAt(deadline));
      expect(hardFenceAt(deadline)).toBeLessThan(deadline);
    }),
  );
});

it('a later deadline moves the whole ladder by as much', () => {
  fc.assert(
    fc.property(instants, spans, (deadline, span) => {
      expect(between(fastStopAt(deadline), fastStopAt(later(deadline, span)))).toBe(span);
      expect(between(hardFenceAt(deadline), hardFenceAt(later(deadline, span)))).toBe(span);
    }),
  );
});

it('spans between instants add up', () => {
  fc.assert(
    fc.property(instants, instants, spans, (a, b, span) => {
      expect(later(a, between(a, b))).toBe(b);
      expect(earlier(later(a, span), span)).toBe(a);
      expect(earliest(a, b) + latest(a, b)).toBe(a + b);
      expect(earliest(a, b)).toBeLessThanOrEqual(latest(a, b));
    }),
  );
});
