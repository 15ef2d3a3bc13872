import fc from 'fast-check';
import { expect, test } from 'vitest';
import { append, countOf, type Ranges, without } from './ranges.ts';

const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 })).map((each) => each.toSorted((a, b) => a - b));

function rangesOf(sorted: readonly number[]): Ranges {
  return sorted.reduce<Ranges>(append, []);
}

function numbersOf(ranges: Ranges): readonly number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
}

test('ranges hold what was appended, and neighbours are one range', () => {
  fc.assert(
    fc.property(numbers, (sorted) => {
      const ranges = rangesOf(sorted);
      expect(numbersOf(ranges)).toEqual(sorted);
      expect(countOf(ranges)).toBe(sorted.length);
      for (const [index, { from }] of ranges.entries()) {
        if (index > 0) expect(from).toBeGreaterThan((ranges[index - 1]?.to ?? 0) + 1);
      }
    }),
  );
});

test('what is missing is what a set says is missing', () => {
  fc.assert(
    fc.property(numbers, numbers, (all, there) => {
      expect(numbersOf(without(rangesOf(all), rangesOf(there)))).toEqual(all.filter((each) => !there.includes(each)));
    }),
  );
});
