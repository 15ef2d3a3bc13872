import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const sources = globSync('src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts'] });
// Sentences are broken over lines, and joined again, as the formatter likes it.
const said = sources
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n')
  .replaceAll(/['`"] \+\s+['`"]/g, '');

/** The messages of the first column, without what differs. */
const messages = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| `(.*?)` \|/.exec(line)?.[1] ?? []);

test('every message that docs/errors.md explains is one that the program says', () => {
  expect(messages.length).toBeGreaterThan(20);
  const unsaid = messages.filter((message) => !piecesOf(message).every((piece) => said.includes(piece)));
  expect(unsaid).toEqual([]);
});

function piecesOf(message: string): readonly string[] {
  return message
    .replace(/^(FILE(:LINE)?|postgresql\.\w+): /, '')
    .split(/…|OPTION/)
    .map((piece) => piece.trim())
    .filter((piece) => piece.length > 1);
}
