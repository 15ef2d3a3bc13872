import { expect, test } from 'vitest';
import { parseYaml } from './config/yaml.ts';
import { renderYaml } from './yaml-text.ts';

const words = (count: number, word = 'word') => Array.from({ length: count }, () => word).join(' ');

test.each([
  ['a plain text', { postgresql: { parameters: { long: words(100) } } }, 6],
  ['a quoted one', { long: `${words(100, "it's")}: x` }, 2],
  ['one of a list', { list: [words(100), 'short'] }, 2],
  ['a quoted key', { "it's: a": words(100) }, 2],
])('%s is broken at the first blank behind 200 columns, and reads back the same', (_what, document, continued) => {
  const text = renderYaml(document);
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.length > 195);
  const [first = '', second = ''] = lines.slice(at);

  // The word that crosses the width is the last one.
  expect(first.length).toBeGreaterThan(200);
  expect(first.lastIndexOf(' ')).toBeLessThanOrEqual(200);
  expect(/^ */.exec(second)?.[0].length).toBe(continued);
  expect(parseYaml(text)).toMatchObject({ kind: 'parsed', value: document });
});

test.each([
  ['a word without a blank', 'x'.repeat(300)],
  ['a blank at its end', `${'x'.repeat(250)} `],
  ['two blanks', `${'x'.repeat(250)}  y`],
])('%s is not broken', (_what, text) => {
  expect(renderYaml({ text }).trimEnd().split('\n')).toHaveLength(1);
});

test.each([
  ["it's: a", "'it''s: a'"],
  ["'x' || 'y'", "'''x'' || ''y'''"],
  [String.raw`it's \d: "x"`, String.raw`'it''s \d: "x"'`],
  ['plain "words"', 'plain "words"'],
  ["a\tb: it's", String.raw`"a\tb: it's"`],
])('%j is written %s', (text, written) => {
  expect(renderYaml({ [text]: text })).toContain(`: ${written}\n`);
  expect(renderYaml({ [text]: text })).toMatch(written.startsWith('"a') ? /^"/ : /^['p]/);
  expect(parseYaml(renderYaml({ [text]: text }))).toMatchObject({ value: { [text]: text } });
});

test.each([
  ['lines that look like keys', 'first\nit: "is"\n- "not"\nlast'],
  ['and ones that are long', `first\n${words(100)}\n'x': ${words(100)}`],
  ['and ones with what needs an escape', `a\u0007\nit: "is" ${words(60)}\nlast`],
])('inside a text with line breaks nothing changes: %s', (_what, text) => {
  const document = { before: 'x', text, "it's: behind": "it's: y" };

  expect(parseYaml(renderYaml(document))).toMatchObject({ value: document });
  expect(renderYaml(document)).toContain("'it''s: behind': 'it''s: y'\n");
});
