/**
 * Takes every file handle that this process may have, then starts one program as the agent starts tools, and one as it
 * starts its guardian, and says what came of them.
 */

import { openSync } from 'node:fs';
import { findOrStartGuardian } from '../../src/adapters/guardian-process/find-or-start.ts';
import { runTool } from '../../src/adapters/postgres/process/tool.ts';

const command = '/bin/true';
const said: unknown[] = [];
console.log('begins');
try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  const tool = await runTool({ command, args: [], environment: {}, signal: null });
  const program = { socketPath: '/no/such/socket', command, args: [], makeRoom: () => null, endStrays: () => [] };
  const guardian = await findOrStartGuardian(program, (report) => said.push(report));
  console.log(JSON.stringify({ tool, guardian, said }));
  process.exit(0);
}
