import { expect, test } from 'vitest';
import { isSafe } from './verify-slots.ts';

test.each([
  ['the primary keeps just what the copy needs', { kept: 700, there: 700, here: 700 }, true],
  ['it keeps more, and its own slot more still', { kept: 690, there: 680, here: 700 }, true],
  ['its own slot has gone on before it heard of the copy', { kept: 690, there: 695, here: 690 }, false],
  ['it keeps less than the copy needs', { kept: 700, there: 690, here: 699 }, false],
  ['it has not heard of the copy yet', { kept: undefined, there: 690, here: 699 }, false],
  ['there is no slot here', { kept: 690, there: 690, here: undefined }, false],
  ['transaction numbers go round', { kept: 4_294_967_290, there: 4_294_967_280, here: 5 }, true],
  ['and round the other way', { kept: 5, there: 4_294_967_290, here: 4_294_967_290 }, false],
])('%s', (_, xmin, expected) => {
  expect(isSafe(xmin)).toBe(expected);
});
