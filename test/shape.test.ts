import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LINES_MAX = 300;

test('a rule, and the table that shows it, fit into a file that is read in one go', () => {
  const folder = join(import.meta.dirname, '../src/decide');
  const tooLong = readdirSync(folder).filter(
    (name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').length > LINES_MAX,
  );

  expect(tooLong).toEqual([]);
});
