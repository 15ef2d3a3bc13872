/** What keeps an agent from starting: it says what, where and what to do, ends with status 1, and has touched nothing. */
import { once } from 'node:events';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../support/free-port.ts';
import { giveToUser, initialize, LoneAgents, type LoneMember } from '../support/lone-agents.ts';
import { postgresBinaries } from '../support/node-file.ts';

let agents: LoneAgents;
/** Nobody listens there: what is said is said without the store. */
let nowhere: readonly string[];
beforeAll(async () => {
  agents = await LoneAgents.prepare();
  nowhere = (await freePorts(1)).map((port) => `127.0.0.1:${port}`);
});
afterAll(() => agents.end());

/** What the agent said; it ended with status 1, and the member's folder is as it was. */
async function refusal(member: LoneMember, options: Parameters<LoneAgents['start']>[1] = {}): Promise<string> {
  const before = await contentOf(member.folder);
  const run = agents.start(member, options);
  expect(await run.status(), run.text).toBe(1);
  expect(await contentOf(member.folder)).toEqual(before);
  return run.text;
}

/** Every entry with its owner, mode and size, but for the log. */
async function contentOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name !== 'agent.log')
    .toSorted()
    .map((name) => {
      const { uid, mode, size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${uid} ${mode.toString(8)} ${size} ${mtimeMs}`;
    });
}

test('a configuration that this user may not read', async () => {
  const member = await agents.member('a', nowhere);
  chmodSync(member.file, 0o600);
  expect(await refusal(member)).toMatch(`${member.file}: cannot be read: EACCES`);
});

test('a configuration that is not there', async () => {
  const member = await agents.member('a', nowhere);
  const file = join(member.folder, 'other.yml');
  expect(await refusal({ ...member, file })).toMatch(`${file}: Config is empty. Give a configuration file`);
});

test('a folder without a configuration', async () => {
  const member = await agents.member('a', nowhere);
  const folder = join(member.folder, 'conf');
  mkdirSync(folder);
  expect(await refusal({ ...member, file: folder })).toMatch(`${folder}/*.yml: Config is empty. Give a configuration`);
});

test('invalid YAML: the file and the line', async () => {
  const member = await agents.member('a', nowhere);
  writeFileSync(member.file, 'scope: a\nname: b\n\trestapi: c\n');
  expect(await refusal(member)).toMatch(`${member.file}:3: invalid YAML: Tabs are not allowed`);
});

test('a store that is not known: the section and its line', async () => {
  const member = await agents.member('a', nowhere);
  writeFileSync(member.file, member.text.replace('etcd3:', 'zookeper:'));
  const line = member.text.split('\n').indexOf('etcd3:') + 1;
  expect(await refusal(member)).toMatch(`${member.file}:${line}: zookeper: is no store that is known here`);
});

test('a store of the other product that is not supported yet', async () => {
  const member = await agents.member('a', nowhere);
  writeFileSync(member.file, member.text.replace('etcd3:', 'consul:'));
  const line = member.text.split('\n').indexOf('etcd3:') + 1;
  expect(await refusal(member)).toMatch(`${member.file}:${line}: consul: is chosen as the store, and only etcd3`);
});

test('root', async () => {
  const member = await agents.member('a', nowhere);
  expect(await refusal(member, { as: 'root' })).toMatch(/must not run as root.*runuser -u postgres/);
});

test('programs of PostgreSQL that are not in bin_dir: which, where, and where they are', async () => {
  const member = await agents.member('a', nowhere);
  const elsewhere = join(member.folder, 'bin');
  mkdirSync(elsewhere);
  writeFileSync(member.file, member.text.replace(/bin_dir: .*/, `bin_dir: ${elsewhere}`));
  const said = await refusal(member);
  expect(said).toMatch(`postgresql.bin_dir: ${elsewhere} has no postgres, pg_controldata, pg_basebackup, initdb that`);
  expect(said).toMatch(postgresBinaries());
});

test('programs of PostgreSQL that are not in PATH', async () => {
  const member = await agents.member('a', nowhere);
  writeFileSync(member.file, member.text.replace(/bin_dir: .*/, ''));
  const said = await refusal(member, { path: '/nowhere:/neither' });
  expect(said).toMatch(
    'postgresql.bin_dir: it is not set, and PATH (/nowhere:/neither) has no postgres, pg_controldata',
  );
});

test('a program under another name that is not there', async () => {
  const member = await agents.member('a', nowhere);
  writeFileSync(member.file, member.text.replace(/( *)bin_dir: .*/, '$&\n$1bin_name: { postgres: my-postgres }'));
  expect(await refusal(member)).toMatch(`${postgresBinaries()} has no my-postgres that this user may run`);
});

test('a data directory of another user', async () => {
  const member = await agents.member('a', nowhere);
  mkdirSync(member.dataDir, { mode: 0o700 });
  expect(await refusal(member)).toMatch(
    `postgresql.data_dir: ${member.dataDir}: it belongs to user 0, and the agent runs as postgres`,
  );
});

test('a data directory that others may read', async () => {
  const member = await agents.member('a', nowhere);
  await initialize(member.dataDir);
  chmodSync(member.dataDir, 0o755);
  expect(await refusal(member)).toMatch(
    `${member.dataDir}: its mode is 0755, and PostgreSQL accepts only 0700 and 0750`,
  );
});

test('a data directory that its owner may not write', async () => {
  const member = await agents.member('a', nowhere);
  mkdirSync(member.dataDir, { mode: 0o500 });
  giveToUser(member.dataDir);
  expect(await refusal(member)).toMatch(`${member.dataDir}: its mode is 0500`);
});

test('a data directory that holds something else', async () => {
  const member = await agents.member('a', nowhere);
  mkdirSync(member.dataDir, { mode: 0o700 });
  giveToUser(member.dataDir);
  writeFileSync(join(member.dataDir, 'holiday.jpg'), 'precious');
  expect(await refusal(member)).toMatch(`${member.dataDir}: it is neither empty nor a data directory`);
});

test('a data directory that cannot be created: the command that does', async () => {
  const member = await agents.member('a', nowhere);
  const roots = join(member.folder, 'roots');
  mkdirSync(roots, { mode: 0o755 });
  const dataDir = join(roots, 'postgres', 'data');
  writeFileSync(member.file, member.text.replace(/data_dir: .*/, `data_dir: ${dataDir}`));
  expect(await refusal(member)).toMatch(
    `${dataDir}: it does not exist, and postgres may not write in ${roots}: as root: install -d -o postgres`,
  );
});

test('a data directory behind one that is closed', async () => {
  const member = await agents.member('a', nowhere);
  const closed = join(member.folder, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  writeFileSync(member.file, member.text.replace(/data_dir: .*/, `data_dir: ${join(closed, 'data')}`));
  expect(await refusal(member)).toMatch(/data_dir: .*EACCES.*: let postgres into every directory above it/);
});

test('a password file in a folder of another user', async () => {
  const member = await agents.member('a', nowhere);
  const roots = join(member.folder, 'roots');
  mkdirSync(roots, { mode: 0o700 });
  const pgpass = join(roots, 'secrets', 'pgpass');
  writeFileSync(member.file, member.text.replace(/pgpass: .*/, `pgpass: ${pgpass}`));
  expect(await refusal(member)).toMatch(`postgresql.pgpass: ${pgpass}: postgres may not write in ${roots}`);
});

test.for(['postgresPort', 'apiPort'] as const)('a taken port: %s', async (which) => {
  const member = await agents.member('a', nowhere);
  const other = createServer().listen(member[which], '127.0.0.1');
  await once(other, 'listening');
  try {
    const option = which === 'apiPort' ? 'restapi.listen' : 'postgresql.listen';
    expect(await refusal(member)).toMatch(
      `${member.file}: ${option}: another process listens on 127.0.0.1:${member[which]} already`,
    );
  } finally {
    other.close();
  }
});

test('several troubles are said at once', async () => {
  const member = await agents.member('a', nowhere);
  mkdirSync(member.dataDir, { mode: 0o700 });
  writeFileSync(member.file, member.text.replace(/bin_dir: .*/, 'bin_dir: /nowhere'));
  expect((await refusal(member)).trimEnd().split('\n')).toHaveLength(2);
});

test('no secret is in what is said', async () => {
  const member = await agents.member('a', nowhere);
  writeFileSync(member.file, member.text.replace('scope: lone', 'scope: [lone'));
  const said = await refusal(member);
  const passwords = [...(await readFile(member.file, 'utf8')).matchAll(/password: (\S+)/g)].map(
    ([, word = '']) => word,
  );
  expect(passwords.length).toBeGreaterThan(0);
  for (const password of passwords) expect(said).not.toContain(password);
});
