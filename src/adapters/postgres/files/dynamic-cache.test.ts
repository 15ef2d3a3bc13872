import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDynamicCache } from './dynamic-cache.ts';

let folder: string;
let said: string[];
const cache = () =>
  createDynamicCache(folder, {
    write: (level, event, fields) => void said.push([level, event, fields['reason']].join(' ')),
  });
const file = (): string => join(folder, 'patroni.dynamic.json');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matriarch-cache-'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

test.for([
  [0o700, 0o600],
  [0o750, 0o640],
] as const)(
  'CONF-45: in a data directory of mode %o the file has mode %o, and nothing else is left',
  async ([directory, mode]) => {
    chmodSync(folder, directory);
    cache().keep({ ttl: 30, pause: null });
    await vi.waitFor(() => expect(readFileSync(file(), 'utf8')).toBe('{"ttl": 30, "pause": null}'));
    expect(statSync(file()).mode & 0o777).toBe(mode);
    expect(readdirSync(folder)).toEqual(['patroni.dynamic.json']);
  },
);

test('what was kept is read again, and is not written once more', async () => {
  cache().keep({ ttl: 20 });
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual(['patroni.dynamic.json']));
  const second = cache();
  expect(second.read()).toEqual({ ttl: 20 });
  const { ino } = statSync(file());
  second.keep({ ttl: 20 });
  second.keep({ ttl: 21 });
  await vi.waitFor(() => expect(readFileSync(file(), 'utf8')).toBe('{"ttl": 21}'));
  expect(statSync(file()).ino).not.toBe(ino);
});

test('none, or one that cannot be read, is left out, and only the second is said', () => {
  expect(cache().read()).toBeNull();
  expect(said).toEqual([]);
  writeFileSync(file(), '{');
  expect(cache().read()).toBeNull();
  writeFileSync(file(), '[]');
  expect(cache().read()).toBeNull();
  expect(said).toHaveLength(2);
});

test('a directory that is gone is said, once in a while', async () => {
  const lost = createDynamicCache(join(folder, 'gone'), {
    write: (level, event) => void said.push([level, event].join(' ')),
  });
  lost.keep({ ttl: 20 });
  await vi.waitFor(() => expect(said).toEqual(['warn dynamic-cache']));
  lost.keep({ ttl: 20 });
  expect(said).toHaveLength(1);
});
