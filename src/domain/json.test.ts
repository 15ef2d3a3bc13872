import { expect, it } from 'vitest';
import { isJsonObject } from './json.ts';

it('tells objects from everything else', () => {
  expect([{}, [], null, 'x', 1, undefined].map(isJsonObject)).toEqual([true, false, false, false, false, false]);
});
