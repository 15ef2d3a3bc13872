import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../test/support/free-port.ts';
import { call, matriarchCommand } from '../../test/support/matriarch.ts';

const folder = mkdtempSync(join(tmpdir(), 'matriarch-validate-'));
const bin = join(folder, 'bin');
let store: Server;
let text: string;

beforeAll(async () => {
  mkdirSync(bin);
  for (const program of ['pg_ctl', 'initdb', 'pg_controldata', 'pg_basebackup', 'postgres', 'pg_isready']) {
    writeFileSync(join(bin, program), '#!/bin/sh\necho "postgres (PostgreSQL) 16.4"\n');
    chmodSync(join(bin, program), 0o755);
  }
  store = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  const { port } = store.address() as AddressInfo;
  const [apiPort, serverPort] = await freePorts(2);
  text = `
name: a
scope: shop
etcd3: {hosts: "127.0.0.1:${port}"}
restapi: {listen: "127.0.0.1:${apiPort}", connect_address: "10.0.0.1:8008"}
postgresql:
  listen: 127.0.0.1:${serverPort}
  connect_address: 10.0.0.1:5432
  bin_dir: ${bin}
  data_dir: ${join(folder, 'data')}
  authentication:
    replication: {username: r, password: "0123"}
    superuser: {username: s}
`;
});

afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

function validate(content: string, options: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const file = join(folder, 'node.yml');
  writeFileSync(file, content);
  return call(matriarchCommand(['agent', '--validate-config', ...options, file]), { env });
}

test('a valid configuration: nothing is said', async () => {
  expect(await validate(text, [])).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('a file that is not there is said to be, before all that is missing', async () => {
  const file = join(folder, 'nowhere.yml');
  const { code, stderr } = await call(matriarchCommand(['agent', '--validate-config', file]));
  expect([code, stderr.split('\n')[1]]).toEqual([1, 'name  is not defined.']);
  expect(stderr.startsWith(`${file}: Config is empty. Give a configuration file that is there`)).toBe(true);
});

test('CONF-35: -p prints it as YAML, the environment laid over it', async () => {
  const { code, stdout, stderr } = await validate(text, ['-p'], { PATRONI_SCOPE: 'other' });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^etcd3:\n {2}hosts: 127\.0\.0\.1:\d+\nname: a\npostgresql:\n {2}authentication:\n/);
  expect(stdout).toContain("password: '0123'\n");
  expect(stdout).toContain('\nscope: other\n');
});

test('a port that somebody has, unless that may be', async () => {
  const { port } = store.address() as AddressInfo;
  const taken = text.replace(/restapi: \{listen: "127\.0\.0\.1:\d+"/, `restapi: {listen: "127.0.0.1:${port}"`);
  expect(await validate(taken, [])).toEqual({
    code: 1,
    stdout: '',
    stderr: `restapi.listen 127.0.0.1:${port} didn't pass validation: Port ${port} is already in use.\n`,
  });
  expect((await validate(taken, ['-i'])).code).toBe(0);
});

test('what Patroni would take and this agent does not is said with its line', async () => {
  const { code, stderr } = await validate(text.replace('etcd3:', 'etcd:'), []);
  expect(code).toBe(1);
  expect(stderr).toMatch(/node\.yml:4: etcd: /);
});

test('a broken file is said with its line', async () => {
  const { code, stderr } = await validate(`${text}tags: [`, []);
  expect(code).toBe(1);
  expect(stderr).toMatch(/node\.yml:\d+: invalid YAML/);
});
