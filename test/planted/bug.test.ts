import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DoesNotFit, planted, plantedBugs, readBug } from './bug.ts';
import { namesOn } from './page.ts';
import { unfit } from './type-check.ts';

const isLong = process.env['MATRIARCH_TEST_LONG'] === '1';
const MINUTE = 60_000;
const root = join(import.meta.dirname, '../..');
const edit = { file: 'a.ts', was: 'if (a > b) {', is: 'if (a < b) {' };

test('a bug is a sentence, who should see it, and passages to replace', () => {
  const text = [
    'It is wrong.',
    'seen by: one, two',
    '',
    '=== src/a.ts',
    '--- was',
    'right',
    '--- is',
    'wrong',
    '--- was',
    'more',
    '--- is',
    '',
  ];

  expect(readBug('wrong', text.join('\n'))).toEqual({
    name: 'wrong',
    says: 'It is wrong.',
    seenBy: ['one', 'two'],
    edits: [
      { file: 'src/a.ts', was: 'right', is: 'wrong' },
      { file: 'src/a.ts', was: 'more', is: '' },
    ],
  });
});

test('a passage is found however its lines are broken', () => {
  expect(planted('x();\n  if (\n    a > b\n  ) {\n}', [edit])).toBe('x();\n  if (a < b) {\n}');
});

test.each([
  ['is missing', 'if (a >= b) {'],
  ['is there twice', 'if (a > b) { if (a > b) {'],
])('a passage that %s does not fit', (_, source) => {
  expect(() => planted(source, [edit])).toThrow(DoesNotFit);
});

test.each(plantedBugs())('$name fits the sources', ({ edits }) => {
  for (const file of new Set(edits.map((each) => each.file))) {
    const source = readFileSync(join(root, file), 'utf8');
    const mine = edits.filter((each) => each.file === file);

    expect(planted(source, mine)).not.toBe(source);
  }
});

test.runIf(isLong)(
  'every planted bug compiles',
  () => {
    expect([...unfit(plantedBugs())]).toEqual([]);
  },
  MINUTE,
);

test('the page tells of every planted bug, and of no other', () => {
  const page = readFileSync(join(root, 'docs/planted-bugs.md'), 'utf8');

  expect(namesOn(page)).toEqual(plantedBugs().map((bug) => bug.name));
});
