import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { matriarchCommand } from '../../test/support/matriarch.ts';
import { ordinaryUser } from '../../test/support/ordinary-user.ts';

test('a reload that is asked for while an agent starts does not end it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'matriarch-start-'));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, 'data');
  const file = join(folder, 'node.yml');
  const text = `
name: a
scope: shop
etcd3: {hosts: "127.0.0.1:1"}
restapi: {listen: "127.0.0.1:8008", connect_address: "127.0.0.1:8008"}
postgresql:
  listen: 127.0.0.1:5432
  connect_address: 127.0.0.1:5432
  data_dir: ${dataDir}
  authentication: {replication: {username: r}, superuser: {username: s}}
`;
  writeFileSync(file, text);
  // An agent that is frozen has the directory: whoever comes second waits a second for its word.
  const frozen = createServer();
  frozen.listen(`\0matriarch-agent-${createHash('sha256').update(dataDir).digest('hex').slice(0, 32)}`);
  await once(frozen, 'listening');
  const [program, ...args] = matriarchCommand(['agent', file]);
  const agent = spawn(program, args, { stdio: 'ignore', ...(process.getuid?.() === 0 ? ordinaryUser() : {}) });
  onTestFinished(() => {
    agent.kill('SIGKILL');
    frozen.close();
    rmSync(folder, { recursive: true });
  });

  await once(frozen, 'connection');
  agent.kill('SIGHUP');
  expect(await once(agent, 'exit')).toEqual([1, null]);
});
