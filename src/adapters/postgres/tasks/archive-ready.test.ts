import { expect, test } from 'vitest';
import { archiveCommand, archiveWhatGoes } from './archive-ready.ts';

test.each([
  ['cp %p /a/%f', 'cp pg_wal/000000010000000000000002 /a/000000010000000000000002'],
  ['x %r 100%% %k', 'x 000000010000000000000001 100% %k'],
])('%j becomes a command for one segment', (command, expected) => {
  expect(archiveCommand(command, '000000010000000000000002')).toBe(expected);
});

/** Segments with what becomes of each, and how long that takes. */
async function triedOf(outcome: 'done' | 'failed', takesMs: number): Promise<{ tried: number; left: number }> {
  let now = 0;
  let tried = 0;
  const attempt = async () => {
    now += takesMs;
    tried += 1;
    return Promise.resolve(outcome);
  };
  const left = await archiveWhatGoes(new Array<string>(1_000).fill('x'), { attempt, now: () => now });
  return { tried, left };
}

test.each([
  ['all are archived, however long it takes', 'done', 60_000, 1_000],
  ['those that the archive has already are passed over', 'failed', 20, 1_000],
  ['an archive that is away is given up after a minute', 'failed', 10_000, 6],
  ['so is one that never answers', 'failed', 300_000, 1],
] as const)('%s', async (_rule, outcome, takesMs, tried) => {
  expect(await triedOf(outcome, takesMs)).toEqual({ tried, left: 1_000 - tried });
});
