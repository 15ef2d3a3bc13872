import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { claimDataDirectory, type DataDirectoryClaim } from './claim-data-directory.ts';

const directory = `/nowhere/${String(process.pid)}`;
const held: DataDirectoryClaim[] = [];
afterEach(() => {
  for (const claim of held.splice(0)) if (claim.kind === 'mine') claim.release();
});

async function claim(realDataDir: string, self: string): Promise<DataDirectoryClaim> {
  const made = await claimDataDirectory(realDataDir, self);
  held.push(made);
  return made;
}

test('a data directory has one agent; the second hears who it is', async () => {
  expect(await claim(directory, "'a' (process 1)")).toMatchObject({ kind: 'mine' });

  expect(await claim(directory, "'b' (process 2)")).toEqual({ kind: 'taken', holder: "'a' (process 1)" });
  expect(await claim(`${directory}/other`, "'b' (process 2)"), 'another directory').toMatchObject({ kind: 'mine' });
});

test('of many that start at one moment one gets it', async () => {
  const claims = await Promise.all(['a', 'b', 'c', 'd'].map((name) => claim(directory, name)));

  expect(claims.filter(({ kind }) => kind === 'mine')).toHaveLength(1);
});

test('a frozen agent keeps it, a killed one leaves nothing behind', async () => {
  const module = JSON.stringify(new URL('claim-data-directory.ts', import.meta.url).href);
  const program = `const { claimDataDirectory } = await import(${module});
    await claimDataDirectory(${JSON.stringify(directory)}, 'the other');
    console.log('claimed');
    setInterval(() => undefined, 1_000_000);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(other, 'exit');
  try {
    await once(other.stdout, 'data');
    expect(await claim(directory, 'me')).toEqual({ kind: 'taken', holder: 'the other' });
    other.kill('SIGSTOP');
    expect(await claim(directory, 'me')).toEqual({ kind: 'taken', holder: null });
  } finally {
    other.kill('SIGKILL');
    await ended;
  }
  expect(await claim(directory, 'me')).toMatchObject({ kind: 'mine' });
});
