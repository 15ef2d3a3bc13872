import { expect, test } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

const lines = (...texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

test('a changed line between three lines before and three after it', () => {
  const before = lines('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
  const after = lines('a', 'b', 'c', 'd', 'E', 'f', 'g', 'h', 'i');

  expect(unifiedDiff(before, after)).toEqual([
    ...['--- ', '+++ ', '@@ -2,7 +2,7 @@'],
    ...[' b', ' c', ' d', '-e', '+E', ' f', ' g', ' h'],
  ]);
});

test('changes that are far from each other come in two parts, and near ones in one', () => {
  const before = Array.from({ length: 20 }, (_, index) => `l${index}`);
  const changed = (...at: readonly number[]): string =>
    lines(...before.map((each, index) => (at.includes(index) ? `${each}!` : each)));
  const headings = (text: string) => unifiedDiff(lines(...before), text).filter((each) => each.startsWith('@@'));

  expect(headings(changed(2, 15))).toEqual(['@@ -1,6 +1,6 @@', '@@ -13,7 +13,7 @@']);
  expect(headings(changed(5, 10))).toEqual(['@@ -3,12 +3,12 @@']);
});

test('lines that are added or removed alone', () => {
  expect(unifiedDiff(lines('a'), lines('a', 'b'))).toEqual(['--- ', '+++ ', '@@ -1 +1,2 @@', ' a', '+b']);
  expect(unifiedDiff(lines('a', 'b'), lines('b'))).toEqual(['--- ', '+++ ', '@@ -1,2 +1 @@', '-a', ' b']);
  expect(unifiedDiff('', lines('a'))).toEqual(['--- ', '+++ ', '@@ -0,0 +1 @@', '+a']);
});

test('equal texts have no difference', () => {
  expect(unifiedDiff(lines('a'), lines('a'))).toEqual([]);
});
