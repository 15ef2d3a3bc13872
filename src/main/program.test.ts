import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { program } from './program.ts';

test('--version prints the version of the package', () => {
  const printed: string[] = [];
  const quiet = program(import.meta.url, 'matriarch')
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text) });

  expect(() => quiet.parse(['--version'], { from: 'user' })).toThrow();
  expect(printed.join('')).toBe(`${manifest.version}\n`);
});
