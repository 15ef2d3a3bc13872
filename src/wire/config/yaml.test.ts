import { describe, expect, it } from 'vitest';
import type { Json } from '../../domain/json.ts';
import { parseYaml } from './yaml.ts';

describe('scalars of YAML 1.1 as Patroni reads them (config.md 1.2)', () => {
  it.each<[string, Json]>([
    ['on', true],
    ['Off', false],
    ['YES', true],
    ['no', false],
    ['y', 'y'],
    ['N', 'N'],
    ['yEs', 'yEs'],
    ['"on"', 'on'],
    ['~', null],
    ['Null', null],
    ['', null],
    ['0644', 420],
    ['08', '08'],
    ['0o644', '0o644'],
    ['0x1F', 31],
    ['-0b11', -3],
    ['1_000', 1000],
    ['1:30', 90],
    ['12:30:45', 45045],
    ['1:30.5', 90.5],
    ['127.0.0.1:5432', '127.0.0.1:5432'],
    ['::1:5432', '::1:5432'],
    ['1e3', '1e3'],
    ['1.0e+3', 1000],
    ['.5', 0.5],
    ['2001-12-14', '2001-12-14'],
    ['!!str 5', '5'],
  ])('%j', (text, value) => {
    expect(parseYaml(`a: ${text}`)).toMatchObject({ kind: 'parsed', value: { a: value } });
  });

  it('keeps every digit of a large integer', () => {
    const parsed = parseYaml('17391846205517384921');
    expect(parsed.kind === 'parsed' && parsed.value).toBe(17391846205517384921n);
  });
});

describe('structure', () => {
  it.each<[string, string, Json]>([
    ['the last of duplicate keys wins', 'a: 1\na: 2', { a: 2 }],
    [
      'merge keys give what the map does not say itself',
      'x: &x {b: 1, d: 1}\nc:\n  d: 2\n  <<: *x',
      { x: { b: 1, d: 1 }, c: { b: 1, d: 2 } },
    ],
    [
      'a list of texts and one-key maps',
      '- encoding: UTF8\n- data-checksums',
      [{ encoding: 'UTF8' }, 'data-checksums'],
    ],
    ['an empty text is nothing', '', null],
  ])('%s', (_rule, text, value) => {
    expect(parseYaml(text)).toMatchObject({ kind: 'parsed', value });
  });

  it('a key called __proto__ is a key', () => {
    const parsed = parseYaml('__proto__: {a: 1}');
    expect(parsed.kind === 'parsed' && Object.keys(parsed.value ?? {})).toEqual(['__proto__']);
  });

  it.each([
    ['a lone =', 'a: 1\nb: =', 2],
    ['a custom tag', 'a: !secret x', 1],
    ['a second document', 'a: 1\n---\nb: 2', 2],
    ['a tab as indentation', 'a:\n\tb: 1', 2],
    ['a quotation that never ends', 'a: 1\nb: "x\nc: 2\nd: 3\n', 2],
    ['a line that is indented too far', 'a:\n  b: 1\n   c: 2', 2],
    ['an open list', 'a: 1\nb: [1', 2],
    ['an unknown alias', 'a: 1\nb: *x', 2],
    ['a merge of no map', 'a: {b: 1}\nc: {<<: 1}', 2],
  ])('%s is an error with its line', (_name, text, line) => {
    expect(parseYaml(text)).toMatchObject({ kind: 'invalid', line });
  });

  it.each([
    '*hidden',
    '!hidden',
    '!hidden!',
    '!!hidden',
    '!<hidden>',
    '|hidden',
    '>hidden',
    String.raw`"\uhidden"`,
    String.raw`"\xhidden"`,
    '"a" hidden',
    '{hidden',
    '@hidden',
    '%hidden',
  ])('what is wrong with %s is told without it: it may be a password', (password) => {
    const parsed = parseYaml(`password: ${password}`);
    expect(parsed.kind === 'invalid' && parsed.message).toMatch(/^(?!.*(?:hid|\\[ux])).+/s);
  });

  it('does not follow aliases of aliases without end', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `l${level + 1}: &l${level + 1} [*l${level},*l${level},*l${level}]`,
    );
    expect(parseYaml(['l0: &l0 [x]', ...levels].join('\n')).kind).toBe('invalid');
  });
});

it.each([
  [['postgresql', 'listen'], 3],
  [['postgresql', 'missing'], 1],
  [['list', '1'], 6],
  [['nowhere'], null],
  [['again', 'listen'], 3],
])('finds the line of %j', (path, line) => {
  const parsed = parseYaml('postgresql: &pg\n  # comment\n  listen: x\nlist:\n- a\n- b\nagain: *pg\n');
  expect(parsed.kind === 'parsed' && parsed.lineOf(path)).toBe(line);
});
