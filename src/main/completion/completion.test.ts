import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { program } from '../program.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { wordsOf } from './words-of.ts';
import { zshCompletion } from './zsh.ts';

const words = wordsOf(program(import.meta.url, 'matriarch'));
const folder = mkdtempSync(join(tmpdir(), 'matriarch-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers for a line whose last word is being typed. */
function offered(...line: readonly string[]): readonly string[] {
  const script = join(folder, 'matriarch.bash');
  writeFileSync(script, bashCompletion(words));
  const typed = `COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}`;
  const shell = `source ${script}; ${typed}; _matriarch; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', shell], { encoding: 'utf8' }).trim().split('\n');
}

test.each([
  ['a command', ['matriarch', 'swi'], ['switchover']],
  ['one behind a global option', ['matriarch', '-c', 'file', 'topo'], ['topology']],
  ['an option of a command', ['matriarch', 'restart', 'demo', '--pe'], ['--pending']],
  ['the values of an option', ['matriarch', 'list', '-f', 'y'], ['yaml', 'yml']],
  ['the values of another one', ['matriarch', 'dsn', '--role', 'stand'], ['standby-leader', 'standby']],
  ['nothing where there is nothing', ['matriarch', 'list', '--zzz'], ['']],
])('bash completes %s', (_what, line, expected) => {
  expect(offered(...line)).toEqual(expected);
});

test('zsh and fish learn of each command and of the values of its options', () => {
  const [, ...commands] = words;
  const zsh = zshCompletion(words);
  const fish = fishCompletion(words);

  for (const { name } of commands) {
    expect(zsh).toContain(`\n        ${name}) _arguments `);
    expect(fish).toContain(` -f -a ${name} -d '`);
  }
  expect(zsh).toContain("'(-f --format)'{-f,--format}'[how to print it]:value:(pretty tsv json yaml yml)'");
  expect(fish).toContain("-s f -l format -x -a 'pretty tsv json yaml yml' -d 'how to print it'");
  expect(commands.map(({ name }) => name)).toContain('completion');
});
