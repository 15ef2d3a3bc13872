/** docs/tutorial.md, done as it says: its commands by a shell, its keys in a terminal. */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { minutes } from '../support/e2e.ts';
import { stateDirectory } from '../support/playground-run.ts';
import { openPlayground, type ProgramInTerminal } from '../support/program-in-terminal.ts';

const root = join(import.meta.dirname, '../..');
const shell = promisify(execFile);

type Step = { readonly kind: 'command'; readonly text: string } | { readonly kind: 'key'; readonly key: string };

/** What the page tells to do, in its order. */
function steps(page: string): readonly Step[] {
  return [...page.matchAll(/^\$ (?<command>.+)$|Press `(?<key>\w)`/gm)].map(({ groups }) =>
    groups?.['command'] === undefined
      ? { kind: 'key', key: groups?.['key'] ?? '' }
      : { kind: 'command', text: groups['command'] },
  );
}

test('every command of the tutorial works, and every key', { timeout: 5 * minutes }, async () => {
  const folder = stateDirectory();
  const page = readFileSync(join(root, 'docs/tutorial.md'), 'utf8').replaceAll('/tmp/herd', folder);
  const [setup, start, ...others] = steps(page);
  expect(setup).toEqual({ kind: 'command', text: './run setup' }); // Whoever runs this has done it.
  expect(start).toEqual({ kind: 'command', text: `bin/matriarch playground --state-dir ${folder}` });
  const keys = others.filter((step) => step.kind === 'key');
  expect(keys.map(({ key }) => key)).toEqual(['k', 'b', 'q']);

  const terminal = openPlayground(folder, { columns: 100, rows: 30 });
  const output = new Map<string, string>();
  try {
    await terminal.untilShown(/^ healthy$/m);
    for (const step of others) {
      if (step.kind === 'key') await press(terminal, step.key);
      else output.set(step.text, (await shell('sh', ['-c', step.text], { cwd: root, timeout: 60_000 })).stdout);
    }
    expect((await terminal.ended()).status).toBe(0);
  } finally {
    await terminal.close();
    rmSync(dirname(folder), { recursive: true, force: true });
  }
  const said = [...output].find(([command]) => command.endsWith(' why'))?.[1];
  expect(said).toContain('leads cluster playground');
  expect([...output].findLast(([command]) => command.endsWith('show-config'))?.[1]).toContain('2097152');
});

async function press(terminal: ProgramInTerminal, key: string): Promise<void> {
  terminal.press(key);
  if (key === 'k') await terminal.untilShown(/^ healthy, without node\d$/m);
  if (key === 'b') await terminal.untilShown(/^ healthy$/m);
}
