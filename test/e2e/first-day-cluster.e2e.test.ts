/** What goes wrong on the first day once a store or a cluster is there, and how it goes on when it is mended. */
import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { minutes } from '../support/e2e.ts';
import { Etcd } from '../support/etcd.ts';
import { initialize, LoneAgents, type LoneMember, type LoneRun } from '../support/lone-agents.ts';
import { users } from '../support/node-file.ts';
import { ordinaryUser } from '../support/ordinary-user.ts';
import { sql } from '../support/sql.ts';
import { letPass, until } from '../support/wait.ts';

let agents: LoneAgents;
let store: Etcd;
let leader: LoneMember;
let leading: LoneRun;
beforeAll(async () => {
  agents = await LoneAgents.prepare();
  store = await Etcd.start({ members: 1 });
  leader = await agents.member('a', store.endpoints);
  leading = agents.start(leader);
  await answers(leader, '/primary');
}, 2 * minutes);
afterAll(async () => {
  await agents.end();
  await store.stop();
}, 2 * minutes);

/** The member's REST API says yes. */
function answers({ apiPort }: LoneMember, path: string): Promise<true> {
  return until(`${path} of ${apiPort}`, { withinMs: 60_000, everyMs: 100 }, async () => {
    const { status } = await fetch(`http://127.0.0.1:${apiPort}${path}`);
    return status === 200;
  });
}

/** The key's value; `null`: there is no such key. */
async function stored(scope: string, key: string): Promise<string | null> {
  const text = await store.ctl('get', `/service/${scope}/${key}`, '--print-value-only');
  return text === '' ? null : text.trimEnd();
}

test('a store that is not there yet: said once, and once more when it answers', async () => {
  const late = await Etcd.start({ members: 1 });
  const [name = ''] = late.names;
  try {
    await late.kill(name);
    const member = await agents.member('a', late.endpoints);
    const waiting = agents.start(member);
    await waiting.says(`store-does-not-answer store=${late.endpoints.join(',')}`);
    await letPass(2500); // It asks every second: a few more in vain.
    await late.revive(name);
    await waiting.says(`store-answers store=${late.endpoints.join(',')}`);
    expect(waiting.count('store-does-not-answer')).toBe(1);
    expect(waiting.count('store-answers')).toBe(1);
    // And it goes on, as if nothing had been.
    await answers(member, '/primary');
    await waiting.stop();
  } finally {
    await late.stop();
  }
});

test('a store that refuses: which options to look at', async () => {
  const strict = await Etcd.start({ members: 1 });
  try {
    await strict.enableAuth({ name: 'agent', password: 'secret', prefix: '/service/' });
    const member = await agents.member('a', strict.endpoints);
    writeFileSync(member.file, member.text.replace('etcd3:', 'etcd3:\n  username: agent\n  password: wrong-secret'));
    const waiting = agents.start(member);
    await waiting.says(/store-does-not-answer .*etcd3\.username, etcd3\.password/);
    await waiting.stop();
    expect(waiting.text).not.toContain('wrong-secret');
  } finally {
    await strict.stop();
  }
});

test('a data directory of another cluster: both identifiers, which directory, and it stays as it is', async () => {
  const member = await agents.member('b', store.endpoints);
  await initialize(member.dataDir);
  const control = join(member.dataDir, 'global/pg_control');
  const before = await readFile(control);
  const registered = await stored('lone', 'initialize');
  const foreign = agents.start(member);
  expect(await foreign.status(), foreign.text).toBe(1);
  expect(foreign.text).toMatch(`system ID mismatch, node b belongs to a different cluster: ${registered} != `);
  expect(foreign.text).toMatch(`what lies in ${member.dataDir} is not of the cluster that the store knows as lone`);
  expect(await readFile(control)).toEqual(before);
  expect(await stored('lone', 'initialize')).toBe(registered);
});

test('CC183, C-56, CONF-60: the name of a member that runs: where that one is, and it goes on', async () => {
  const member = await agents.member('a', store.endpoints);
  const second = agents.start(member);
  expect(await second.status(), second.text).toBe(1);
  expect(second.text).toMatch(
    `already a node named 'a' running (http://127.0.0.1:${leader.apiPort}/patroni) in cluster 'lone'`,
  );
  expect(leading.isRunning).toBe(true);
  await answers(leader, '/primary');
});

test('a data directory that another agent serves: which agent, and it goes on', async () => {
  const member = await agents.member('b', store.endpoints);
  writeFileSync(member.file, member.text.replace(/data_dir: .*/, `data_dir: ${leader.dataDir}`));
  const second = agents.start(member);
  expect(await second.status(), second.text).toBe(1);
  expect(second.text).toMatch(/another agent already serves .*: 'a' \(process \d+\)/);
  await answers(leader, '/primary');
});

test('an address for the REST API that is not of this machine', async () => {
  const member = await agents.member('b', store.endpoints);
  writeFileSync(member.file, member.text.replace(`listen: 127.0.0.1:${member.apiPort}`, 'listen: 192.0.2.1:8008'));
  const failing = agents.start(member);
  expect(await failing.status(), failing.text).toBe(1);
  expect(failing.text).toMatch('restapi.listen: the REST API cannot listen on 192.0.2.1:8008: ');
});

test('an address for PostgreSQL that is not of this machine: where the server says so, and no cluster is half made', async () => {
  const member = await agents.member('a', store.endpoints, 'elsewhere');
  const address = `listen: 127.0.0.1:${member.postgresPort}`;
  writeFileSync(member.file, member.text.replace(address, 'listen: 192.0.2.1:5432'));
  const failing = agents.start(member);
  expect(await failing.status(), failing.text).toBe(1);
  const folder = join(member.folder, 'postgres-log');
  expect(failing.text).toMatch(
    `Failed to bootstrap cluster: the postmaster ended: exit code 1; its own lines, above, or in ${folder} say why`,
  );
  expect(await readFile(join(folder, 'postgres.log'), 'utf8')).toMatch('could not bind IPv4 address "192.0.2.1"');
  expect(await stored('elsewhere', 'initialize')).toBeNull();
});

test('a control file that cannot be read: nobody is told to throw the data away first', async () => {
  const member = await agents.member('b', store.endpoints);
  await initialize(member.dataDir);
  truncateSync(join(member.dataDir, 'global/pg_control'));
  const waiting = agents.start(member);
  await waiting.says(`pg_controldata finds no valid system identifier in ${member.dataDir}: is bin_dir`);
  expect(waiting.isRunning).toBe(true);
  await waiting.stop();
});

test('a full disk while the cluster is created: the cause, and the next start creates it', async () => {
  const member = await agents.member('a', store.endpoints, 'full');
  const disk = join(member.folder, 'disk');
  mkdirSync(disk);
  const { uid, gid } = ordinaryUser();
  await run(['mount', '-t', 'tmpfs', '-o', `size=20m,mode=700,uid=${uid},gid=${gid}`, 'tmpfs', disk]);
  try {
    writeFileSync(member.file, member.text.replace(/data_dir: .*/, `data_dir: ${join(disk, 'data')}`));
    const failing = agents.start(member);
    expect(await failing.status(), failing.text).toBe(1);
    expect(failing.text).toMatch(/Failed to bootstrap cluster: initdb failed: .*(No space left|free disk space)/);
    // Nobody is kept from creating it.
    expect(await stored('full', 'initialize')).toBeNull();
    expect(await stored('full', 'leader')).toBeNull();

    await run(['mount', '-o', 'remount,size=400m', disk]);
    const again = agents.start(member);
    await answers(member, '/primary');
    await again.stop();
  } finally {
    await run(['umount', '--lazy', disk]);
  }
});

test('a post_bootstrap that fails after a while: nobody is told of a cluster, and the next start creates it', async () => {
  const member = await agents.member('a', store.endpoints, 'late');
  const failing = member.text.replace('bootstrap:\n', "bootstrap:\n  post_bootstrap: sh -c 'sleep 4; exit 3'\n");
  expect(failing).not.toBe(member.text);
  writeFileSync(member.file, failing);
  const creating = agents.start(member);
  expect(await creating.status(), creating.text).toBe(1);
  expect(creating.text).toMatch(/Failed to bootstrap cluster: .*post_bootstrap/);
  expect(await stored('late', 'initialize')).toBeNull();
  expect(await stored('late', 'leader')).toBeNull();

  writeFileSync(member.file, member.text);
  const again = agents.start(member);
  await answers(member, '/primary');
  await again.stop();
});

test('a wrong password for replication: who, where and what to check; mended there, it goes on by itself', async () => {
  const { username, password } = users.replication;
  const member = await agents.member('c', store.endpoints);
  writeFileSync(member.file, member.text.replace(`password: ${password}`, 'password: lion'));
  const copying = agents.start(member);
  await copying.says(`pg_basebackup as ${username} from 127.0.0.1:${leader.postgresPort} failed`);
  expect(copying.text).toMatch(
    /password authentication failed for user.*check postgresql\.authentication in this member's file/,
  );
  expect(copying.text).not.toContain('lion');
  expect(copying.isRunning).toBe(true);

  const superuser = { port: leader.postgresPort, superuser: { ...users.superuser, connection: {} } };
  await sql(superuser, `ALTER ROLE ${username} PASSWORD 'lion'`);
  await answers(member, '/replica');
  expect(statSync(member.dataDir).mode & 0o777).toBe(0o700);
  await copying.stop();

  // The same on a day when it has its data: it does not start beside a leader that it cannot ask, and says why.
  await sql(superuser, `ALTER ROLE ${username} PASSWORD 'tiger'`);
  const returning = agents.start(member);
  await returning.says(
    new RegExp(
      `127\\.0\\.0\\.1:${leader.postgresPort} refuses ${username}: .*check postgresql\\.authentication in this`,
    ),
  );
  await sql(superuser, `ALTER ROLE ${username} PASSWORD 'lion'`);
  await answers(member, '/replica');
  await returning.stop();
});
