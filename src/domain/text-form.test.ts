import { expect, it } from 'vitest';
import type { Json } from './json.ts';
import { textForm } from './text-form.ts';

it.each<[string, Json]>([
  ['True', true],
  ['False', false],
  ['None', null],
  ['on', 'on'],
  ['100', 100],
  ['-0.5', -0.5],
  ['1e-05', 0.00001],
  ['0.0001', 0.0001],
  ['1.5e+20', 1.5e20],
  ['12345678901234567890', 12345678901234567890n],
  ["['a', 1, None, True]", ['a', 1, null, true]],
  [`{'a': {'b': ["it's"]}}`, { a: { b: ["it's"] } }],
  ["['both \\' and \"']", [`both ' and "`]],
  ["['line\\nbreak\\\\']", ['line\nbreak\\']],
])('writes %s as Patroni does (config.md 1.4)', (text, value) => {
  expect(textForm(value)).toBe(text);
});
