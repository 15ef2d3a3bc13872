/** The commands as whole processes, against a real store and a stand-in for an agent. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Etcd } from '../../test/support/etcd.ts';
import { type Called, call, matriarchCommand } from '../../test/support/matriarch.ts';

let etcd: Etcd;
let agent: Agent;
const folder = mkdtempSync(join(tmpdir(), 'matriarch-commands-'));
beforeAll(async () => {
  etcd = await Etcd.start({ members: 1 });
  agent = await startAgent();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  agent.server.close();
  await etcd.stop();
});

const config = { ttl: 30, loop_wait: 1, postgresql: { parameters: { max_connections: 100 } } };
beforeEach(async () => {
  agent.asked.splice(0);
  await put('initialize', '7400000000000000001');
  await put('leader', 'n1');
  await put('config', JSON.stringify(config));
  await put('failover', '{}');
  await put('history', JSON.stringify([[1, 25_623_960, 'no recovery target specified']]));
  const common = { state: 'running', api_url: agent.url };
  await put('members/n1', JSON.stringify({ ...common, conn_url: 'postgres://10.0.0.1:5432/x', role: 'primary' }));
  const tags = { replicatefrom: 'n1' };
  await put('members/n2', JSON.stringify({ ...common, conn_url: 'postgres://10.0.0.2:5432/x', role: 'replica', tags }));
});

test('topology, history and show-config read the store', async () => {
  expect((await matriarch(['topology', 'demo'])).stdout).toMatch(/\| n1 +\| .*\n\| \+ n2 +\| /);
  expect((await matriarch(['history', 'demo', '-f', 'tsv'])).stdout).toBe(
    'TL\tLSN\tReason\tTimestamp\tNew Leader\n1\t25623960\tno recovery target specified\t\t\n',
  );
  expect((await matriarch(['show-config', 'demo'])).stdout).toBe(
    'loop_wait: 1\npostgresql:\n  parameters:\n    max_connections: 100\nttl: 30\n\n',
  );
});

test('edit-config writes what the store then holds, as compact JSON', async () => {
  const { code, stdout } = await matriarch(['edit-config', 'demo', '-s', 'ttl=20', '-p', 'work_mem=8MB', '--force']);

  expect([code, stdout.endsWith('\nConfiguration changed\n')]).toEqual([0, true]);
  expect(JSON.parse(await get('config'))).toEqual({
    ...config,
    ttl: 20,
    postgresql: { parameters: { max_connections: 100, work_mem: '8MB' } },
  });
  expect(await get('config')).not.toContain(' ');
});

test('edit-config asks, reads the answer from standard input, and takes a no', async () => {
  const asked = await matriarch(['edit-config', 'demo', '-s', 'ttl=20'], { input: 'n\n' });

  expect(asked.stdout).toMatch(/-ttl: 30\n\+ttl: 20\nApply these changes\? \[y\/N\]: $/);
  expect([asked.code, JSON.parse(await get('config'))]).toEqual([1, config]);
});

test('edit-config waits for the program that its input comes from', async () => {
  const slow = '{ sleep 1; echo "ttl: 25"; } | exec "$@"';
  const program = matriarchCommand(['-d', storeUrl(), 'edit-config', 'demo', '--apply', '-', '--force']);
  const { code, stderr } = await call(['sh', '-c', slow, 'sh', ...program]);

  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(await get('config'))).toEqual({ ...config, ttl: 25 });
});

test('what is no UTF-8 is not stored as something else', async () => {
  const latin = join(folder, 'latin.yml');
  writeFileSync(latin, Buffer.from('postgresql: {parameters: {cluster_name: "B\xfccher"}}\n', 'latin1'));
  const byFile = await matriarch(['edit-config', 'demo', '--apply', latin, '--force']);
  const program = matriarchCommand(['-d', storeUrl(), 'edit-config', 'demo', '--apply', '-', '--force']);
  const byInput = await call(['sh', '-c', 'file=$1; shift; exec "$@" <"$file"', 'sh', latin, ...program]);
  const byEditor = await matriarch(['edit-config', 'demo', '--force'], { env: { EDITOR: `cp ${latin}` } });

  expect([byFile.code, byInput.code, byEditor.code]).toEqual([1, 1, 1]);
  for (const { stderr } of [byFile, byInput, byEditor]) expect(stderr).toMatch(/^Error: .*UTF-8/);
  expect(JSON.parse(await get('config'))).toEqual(config);
});

test('the editor gets the configuration in a file, and what it leaves is stored', async () => {
  const env = { EDITOR: script('sed -i "s/^ttl:.*/ttl: 21/" "$1"') };
  const edited = await matriarch(['edit-config', 'demo', '--force'], { env });

  expect([edited.code, JSON.parse(await get('config'))]).toEqual([0, { ...config, ttl: 21 }]);
  const withOptions = { EDITOR: `${script('sed -i "s/^ttl:.*/ttl: $1/" "$2"')} 22` };
  expect((await matriarch(['edit-config', 'demo', '--force'], { env: withOptions })).stdout).toContain('+ttl: 22');
  const missing = await matriarch(['edit-config', 'demo'], { env: { EDITOR: '/nowhere/vim -n' } });
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('/nowhere/vim -n') });
  const failing = await matriarch(['edit-config', 'demo'], { env: { EDITOR: script('exit 3') } });
  expect(failing).toMatchObject({ code: 1, stderr: 'Error: Editor exited with return code 3\n' });
});

test('pause sends the operator’s credentials to the leader’s agent', async () => {
  const variables = { PATRONI_RESTAPI_USERNAME: 'admin', PATRONI_RESTAPI_PASSWORD: 'secret' };
  const { code, stdout } = await matriarch(['pause', 'demo'], { env: variables });

  expect([code, stdout]).toEqual([0, 'Success: cluster management is paused\n']);
  expect(agent.asked).toEqual([
    {
      call: 'PATCH /config',
      authorization: `Basic ${Buffer.from('admin:secret').toString('base64')}`,
      body: '{"pause":true}',
    },
  ]);
});

test('a switchover that nobody answers is left in the store; only the other tool calls that a success', async () => {
  const nowhere = { state: 'running', role: 'primary', api_url: 'http://127.0.0.1:1/patroni' };
  await put('members/n1', JSON.stringify(nowhere));
  const { code, stdout, stderr } = await patronictl(['switchover', 'demo', '--candidate', 'n2', '--force']);

  expect(stdout).toContain(' Could not switchover using Patroni api, falling back to DCS\n');
  expect([code, stderr.includes('Failing over to DCS')]).toEqual([0, true]);
  expect(JSON.parse(await get('failover'))).toEqual({ leader: 'n1', member: 'n2' });
});

test('questions of a switchover take one line each from standard input', async () => {
  const { code, stdout } = await patronictl(['switchover', 'demo'], { input: '\nn2\n\ny\n' });

  expect(stdout).toContain("Primary [n1]: Candidate ['n2'] []: When should the switchover take place");
  expect(agent.asked).toMatchObject([{ call: 'POST /switchover', body: '{"candidate":"n2","leader":"n1"}' }]);
  expect(code).toBe(0);
  expect(await patronictl(['switchover', 'demo'])).toMatchObject({ code: 1, stderr: 'Aborted!\n' });
});

test('a password is asked for beside what is printed, which somebody may keep in a file', async () => {
  await put('members/n1', JSON.stringify({ state: 'running', role: 'primary', conn_url: 'postgres://127.0.0.1:1/x' }));
  const row = /^[-0-9]+ [:0-9]+\tERROR, SQLSTATE: .*\n$/;
  const question = ['query', 'demo', '-c', 'select 1', '--password'];
  const piped = await patronictl(question, { input: 'secret\n' });
  expect(piped.stdout).toMatch(row);

  const kept = join(folder, 'kept.tsv');
  const program = matriarchCommand(['-d', storeUrl(), ...question], 'patronictl').map((word) => `'${word}'`);
  const typed = await call(['script', '-qefc', `${program.join(' ')} >${kept}`, '/dev/null'], { input: 'secret\r' });
  expect(typed.stdout).toContain('Password: ');
  expect(readFileSync(kept, 'utf8')).toMatch(row);
});

test('what Patroni’s tool does not know is unknown under its name, and --json cannot ask', async () => {
  expect((await patronictl(['why'])).code).toBe(2);
  expect((await matriarch(['switchover', 'demo', '--json'])).code).toBe(2);
  expect(await matriarch(['show-config'])).toMatchObject({ code: 1, stdout: '' });
});

test('an agent that explains nothing, and a store that does not answer, are errors that say where', async () => {
  const stranger = await matriarch(['why', 'n1', '--cluster', 'demo']);
  expect(stranger).toMatchObject({ code: 1, stdout: '' });
  expect(stranger.stderr).toContain('The agent of n1');

  const nowhere = await call(matriarchCommand(['-d', 'etcd3://127.0.0.1:1/db', 'history', 'demo']));
  expect(nowhere).toMatchObject({ code: 1, stdout: '' });
  expect(nowhere.stderr).toMatch(/; asking again\nError: Can not read cluster demo: /);
});

type Given = { readonly input?: string; readonly env?: Readonly<Record<string, string>> };

function matriarch(args: readonly string[], given: Given = {}): Promise<Called> {
  return call(matriarchCommand(['-d', storeUrl(), ...args]), given);
}

function patronictl(args: readonly string[], given: Given = {}): Promise<Called> {
  return call(matriarchCommand(['-d', storeUrl(), ...args], 'patronictl'), given);
}

function storeUrl(): string {
  return `etcd3://${etcd.endpoints[0] ?? ''}/db`;
}

async function put(key: string, value: string): Promise<void> {
  await etcd.ctl('put', `/db/demo/${key}`, value);
}

async function get(key: string): Promise<string> {
  return (await etcd.ctl('get', `/db/demo/${key}`, '--print-value-only')).trimEnd();
}

/** An editor. */
function script(body: string): string {
  const file = join(folder, `editor-${body.length}`);
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

type Asked = { readonly call: string; readonly authorization: string | undefined; readonly body: string };
type Agent = { readonly server: Server; readonly url: string; readonly asked: Asked[] };

/** Says yes to everything, and keeps what it was asked. */
async function startAgent(): Promise<Agent> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      asked.push({ call: `${method} ${url}`, authorization: headers.authorization, body });
      response.end('yes');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { server, url: `http://127.0.0.1:${port}/patroni`, asked };
}
