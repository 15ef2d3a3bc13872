import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { whyUnusable } from './unusable-directory.ts';

const self = { uid: process.geteuid?.() ?? -1, name: 'me' };
let folder = '';
let dataDir = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matriarch-directory-'));
  dataDir = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true }));

function make(mode: number, files: readonly string[] = []): void {
  mkdirSync(dataDir);
  for (const file of files) writeFileSync(join(dataDir, file), '15\n');
  chmodSync(dataDir, mode);
}

describe('nothing is said against', () => {
  test.each([
    ['a data directory of mode 0700', 0o700, ['PG_VERSION']],
    ['a data directory that its group may read', 0o750, ['PG_VERSION']],
    ['an empty directory of any mode', 0o777, []],
    ['what a new file system brings', 0o755, ['lost+found', '.snapshot']],
  ])('%s', (_name, mode, files) => {
    make(mode, files);
    expect(whyUnusable(dataDir, self)).toBeNull();
  });

  test('what a copy left that was killed', () => {
    make(0o755, ['backup_label']);
    writeFileSync(`${dataDir}.unfinished`, '');
    expect(whyUnusable(dataDir, self)).toBeNull();
  });

  test('one that can be created, with those above it', () => {
    expect(whyUnusable(join(dataDir, 'a', 'b'), self)).toBeNull();
  });
});

describe('it is said what is wrong with', () => {
  test.each([
    ['a data directory that others may read', 0o755, ['PG_VERSION'], 'mode is 0755'],
    ['a data directory that its group may write', 0o770, ['PG_VERSION'], 'mode is 0770'],
    ['one that its owner may not write', 0o500, [], 'mode is 0500'],
    ['one that holds something else', 0o700, ['letter.txt'], 'neither empty nor a data directory'],
  ])('%s', (_name, mode, files, words) => {
    make(mode, files);
    expect(whyUnusable(dataDir, self)).toMatch(words);
  });

  test('one of another user', () => {
    make(0o700, ['PG_VERSION']);
    const stranger = { uid: self.uid + 1, name: 'stranger' };
    expect(whyUnusable(dataDir, stranger)).toMatch(`belongs to user ${self.uid}, and the agent runs as stranger`);
  });

  test('a file', () => {
    writeFileSync(dataDir, '');
    expect(whyUnusable(dataDir, self)).toMatch('it is a file');
  });
});
