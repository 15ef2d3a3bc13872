import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serverProgramReader } from './binaries.ts';

test('what a program could not say for a moment it says later, and what it said once holds', async () => {
  const binDir = mkdtempSync(join(tmpdir(), 'matriarch-binaries-'));
  const isWhole = join(binDir, 'libraries');
  const script = `#!/bin/sh
test -e ${isWhole} || exit 127
case $1 in --version) echo 'postgres (PostgreSQL) 17.4';; *) printf 'work_mem\\tx\\n';; esac
`;
  try {
    writeFileSync(join(binDir, 'postgres'), script, { mode: 0o755 });
    const read = serverProgramReader({ binDir, binNames: {} }, {});
    expect(await read()).toEqual({ version: null, parameterNames: new Set() });

    writeFileSync(isWhole, '');
    const known = { version: 170_004, parameterNames: new Set(['work_mem']) };
    expect(await read()).toEqual(known);

    rmSync(isWhole);
    expect(await read()).toEqual(known);
  } finally {
    rmSync(binDir, { recursive: true });
  }
});
