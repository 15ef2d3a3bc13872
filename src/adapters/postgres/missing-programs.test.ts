import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { missingPrograms } from './missing-programs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matriarch-programs-'));
  writeFileSync(join(folder, 'postgres'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'my-controldata'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'pg_basebackup'), '', { mode: 0o644 });
  mkdirSync(join(folder, 'initdb'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const searchPath = '/nowhere';

test('in bin_dir, under their own names and those of bin_name, all are found', () => {
  const config = { binDir: folder, binNames: { pg_controldata: 'my-controldata' } };
  expect(missingPrograms(config, { needed: ['postgres', 'pg_controldata'], searchPath })).toBeNull();
});

test('without bin_dir they are looked for in every folder of PATH', () => {
  const config = { binDir: '', binNames: {} };
  expect(missingPrograms(config, { needed: ['postgres'], searchPath: `/nowhere:${folder}` })).toBeNull();
  expect(missingPrograms(config, { needed: ['postgres'], searchPath })).toMatch('PATH (/nowhere) has no postgres that');
});

test('what may not be run, and a folder of that name, are no programs', () => {
  const config = { binDir: folder, binNames: {} };
  const missing = missingPrograms(config, { needed: ['postgres', 'pg_basebackup', 'initdb'], searchPath });
  expect(missing).toMatch(`${folder} has no pg_basebackup, initdb that this user may run`);
});
