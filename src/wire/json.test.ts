import { expect, it } from 'vitest';
import { parseJson, renderJson } from './json.ts';

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const beyondDoubles = '{"xlog_location":1152921504606846977}';

it('keeps every digit of a position beyond 2^53 (C-16)', () => {
  const parsed = parseJson(beyondDoubles);
  expect(parsed).toEqual({ kind: 'parsed', json: { xlog_location: 1152921504606846977n } });
  expect(parsed.kind === 'parsed' && renderJson(parsed.json)).toBe(beyondDoubles);
});

it('leaves integers that a double holds, and fractions, as numbers', () => {
  expect(parseJson('[9007199254740991,9007199254740992,1.5,-3,1e3]')).toEqual({
    kind: 'parsed',
    json: [9007199254740991, 9007199254740992n, 1.5, -3, 1000],
  });
});

it('takes what is nested as deep as anybody means', () => {
  expect(parseJson(nested(200)).kind).toBe('parsed');
});

it('takes digits inside texts for texts', () => {
  expect(parseJson('["7587890123456789012 1e400"]')).toEqual({
    kind: 'parsed',
    json: ['7587890123456789012 1e400'],
  });
});

it.each([
  ['{'],
  [''],
  ['1e400'],
  ['\uFEFF{}'],
  ['{} {}'],
  ['NaN'],
  [`${'['.repeat(200_000)}1e1`],
  [nested(100_000)],
  [nested(201)],
])('calls what is no JSON value invalid (row %#)', (text) => {
  expect(parseJson(text).kind).toBe('invalid');
});

it('writes compact ASCII with the escapes that Patroni writes', () => {
  expect(renderJson({ a: 'é\u007f\u2028𝄞\n"', b: [null, true, {}] })).toBe(
    '{"a":"\\u00e9\\u007f\\u2028\\ud834\\udd1e\\n\\"","b":[null,true,{}]}',
  );
});

it('keeps a field called __proto__ a field', () => {
  const parsed = parseJson('{"__proto__":12345678901234567890}');
  expect(parsed.kind === 'parsed' && renderJson(parsed.json)).toBe('{"__proto__":12345678901234567890}');
});
