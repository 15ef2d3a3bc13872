import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patchConfig, sameInText } from './config-patch.ts';
import type { Json, JsonObject } from './json.ts';

describe('a patch (rest-api.md 10.3)', () => {
  it.each<[string, JsonObject, JsonObject, JsonObject, boolean]>([
    ['null removes a key', { a: 1, b: 2 }, { a: null }, { b: 2 }, true],
    ['null for an absent key is nothing', { b: 2 }, { a: null }, { b: 2 }, false],
    ['removing a stored null alone is nothing to write', { a: null }, { a: null }, {}, false],
    ['objects merge, and an emptied one stays', { p: { x: 1 } }, { p: { x: null } }, { p: {} }, true],
    ['an object replaces anything else', { p: 1 }, { p: { x: null } }, { p: { x: null } }, true],
    ['an absent object is stored with its nulls', {}, { p: { x: null } }, { p: { x: null } }, true],
    ['a value that differs replaces', { ttl: 30 }, { ttl: 20 }, { ttl: 20 }, true],
    [
      'a change of type alone is not one',
      { ttl: 30, on: true },
      { ttl: '30', on: 'True' },
      { ttl: 30, on: true },
      false,
    ],
    ['true is not "true", and no number', { a: true, b: true }, { a: 'true', b: 1 }, { a: 'true', b: 1 }, true],
    ['a list is compared as a whole', { l: [1] }, { l: ['1'] }, { l: ['1'] }, true],
    ['an absent key is added', {}, { a: false }, { a: false }, true],
  ])('%s', (_rule, document, patch, result, changed) => {
    expect(patchConfig(document, patch)).toEqual({ document: result, changed });
  });

  it('changes nothing when it is laid over its own result', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(objects, objects, (document, patch) => {
        const once = patchConfig(document, patch).document;
        const twice = patchConfig(once, patch);
        // A null inside an object that was stored as given is removed by the second patch, and counts for nothing.
        expect(twice.changed).toBe(false);
      }),
    );
  });

  it('keeps a key called __proto__ a key', () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}}') as JsonObject;
    const { document } = patchConfig({}, patch);
    expect(Object.keys(document)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
  });
});

describe('the comparison of whole documents', () => {
  it.each<[Json, Json, boolean]>([
    [2, '2', true],
    [{ a: [1, 2] }, { a: '[1, 2]' }, true],
    [{}, null, false],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: { b: null } }, { a: { b: 'None' } }, true],
  ])('%j and %j: %s', (a, b, same) => {
    expect(sameInText(a, b)).toBe(same);
  });
});
