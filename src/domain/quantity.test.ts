import { expect, it } from 'vitest';
import type { Json } from './json.ts';
import { type BaseUnit, parseInteger } from './quantity.ts';

it.each<[Json | undefined, BaseUnit | null, number | null]>([
  ['1e3', null, 1000],
  [1.6, null, 2],
  [0.5, null, 0],
  [1.5, null, 2],
  [2.5, null, 2],
  ['0644', null, 420],
  ['0x1F', null, 31],
  ['-5', null, -5],
  [' 30 ', null, 30],
  [true, null, null],
  ['on', null, null],
  ['', null, null],
  [null, null, null],
  [undefined, null, null],
  ['2GB', null, null],
  ['08', null, null],
  ['1e999', null, null],
  ['1.5GB', 'MB', 1536],
  ['128MB', '8kB', 16384],
  ['30min', 's', 1800],
  ['1h', 's', 3600],
  ['90', 's', 90],
  ['128MB', 'MB', 128],
  ['1GB', '16MB', 64],
  ['4097.5kB', 'B', 4195840],
  ['30min', 'MB', null],
  ['30 parsecs', 's', null],
])('%j in base unit %s is %j (config.md 1.3)', (value, base, integer) => {
  expect(parseInteger(value, base)).toBe(integer);
});
