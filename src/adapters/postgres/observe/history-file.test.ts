import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { timeline } from '../../../domain/timeline.ts';
import { historyFileReader } from './history-file.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'matriarch-history-'));
mkdirSync(join(dataDir, 'pg_wal'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const begunAt = (position: string): void =>
  writeFileSync(join(dataDir, 'pg_wal', '00000002.history'), `1\t${position}\tno recovery target specified\n`);

test('a history is read once a server, and again when the directory may have been rewound', async () => {
  const read = historyFileReader(dataDir);
  const branch = async (life: string | null) =>
    (await read({ timeline: timeline(2), life }))?.switches[0]?.switchedAt.toString(16);
  begunAt('0/3000000');
  expect(await branch('1 2026')).toBe('3000000');
  begunAt('0/5000060');
  expect(await branch('1 2026')).toBe('3000000');
  expect(await branch('2 2026')).toBe('5000060');
  begunAt('0/7000000');
  expect(await branch(null)).toBe('7000000');
});
