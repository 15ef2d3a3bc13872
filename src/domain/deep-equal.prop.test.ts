import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deepEqual } from './deep-equal.ts';
import type { Json } from './json.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

it('finds a value equal to its own copy, whatever the order of its keys', () => {
  fc.assert(fc.property(json, (value) => deepEqual(value, reversedKeys(value))));
});

it('agrees with the canonical text of both', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(deepEqual(a, b)).toBe(canonical(a) === canonical(b));
    }),
  );
});

it('takes an integer for itself in both notations, and nothing for its absence', () => {
  expect(deepEqual([1, { a: 2n }], [1n, { a: 2 }])).toBe(true);
  expect(deepEqual({ a: null }, {})).toBe(false);
  expect(deepEqual({ a: null }, { b: null })).toBe(false);
  expect(deepEqual([], {})).toBe(false);
});

function reversedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => reversedKeys(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, reversedKeys(each)]),
  );
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((each: Json) => canonical(each)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`);
  return `{${entries.sort().join(',')}}`;
}
