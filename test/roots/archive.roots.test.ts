/** The archive on a Debian 12 that has no Node, under its own systemd: what docs/installation.md promises. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { BootedRoot } from '../support/booted-root.ts';
import { run } from '../support/command.ts';
import { copyOfRoot, debianRoot } from '../support/debian-root.ts';
import { minutes } from '../support/e2e.ts';
import { dataOf, fileOf, installArchive, ttl, unitOf } from '../support/installed-archive.ts';
import { letPass, until } from '../support/wait.ts';

const checkout = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'matriarch-archive-'));
const root = join(folder, 'root');
let archive: { readonly path: string; readonly name: string };
let host: BootedRoot | null = null;

beforeAll(async () => {
  archive = await packed('first');
  const packages = ['systemd-sysv', 'postgresql-15', 'etcd-server', 'procps', 'man-db'];
  await copyOfRoot(await debianRoot({ suite: 'bookworm', packages }), root);
  await installArchive(root, archive);
}, 30 * minutes);

afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail' || host === null) return;
  console.error(await host.run(['journalctl', '--no-pager', '--lines=120', '--unit=matriarch@*']));
});

afterAll(async () => {
  await host?.end();
  rmSync(folder, { recursive: true, force: true });
}, 3 * minutes);

test('the same checkout gives the same archive', { timeout: 5 * minutes }, async () => {
  const again = await packed('second');
  expect(await sumOf(again.path)).toBe(await sumOf(archive.path));
});

test('it runs where there is no Node, and not the library that Node needs', async () => {
  const inside = (script: string) => run(['chroot', root, 'sh', '-c', script], { limitMs: 60_000 });
  expect(await inside('command -v node nodejs; ls /usr/lib/*/libatomic.so* 2>/dev/null; true')).toBe('');
  expect(archive.name).toContain((await inside('matriarch --version')).trim());
  expect(await inside('patronictl --help')).toContain('switchover');
});

test('its man pages and units are well formed', async () => {
  const inside = (script: string) => run(['chroot', root, 'sh', '-c', script], { limitMs: 60_000 });
  for (const page of ['matriarch', 'patroni', 'patronictl']) {
    expect(await inside(`man --warnings=all ${page} 2>&1 >/dev/null`)).toBe('');
  }
  expect(await inside('systemd-analyze verify matriarch.service matriarch@n1.service 2>&1')).toBe('');
});

test('booted, the units make a cluster of it', { timeout: 5 * minutes }, async () => {
  host = await BootedRoot.boot(root);
  await untilHealthy('n1 or n2');
});

test('an agent that is killed is back within its lease: nobody else leads, and PostgreSQL goes on', async () => {
  const leader = await untilHealthy('n1 or n2');
  const before = { agent: await agentOf(leader), postmaster: postmasterOf(leader), timeline: await timelineNow() };
  await booted().run(['systemctl', 'kill', '--kill-who=main', '--signal=KILL', unitOf(leader)]);
  await until('another agent', { withinMs: 30_000 }, async () => {
    const agent = await agentOf(leader);
    return agent !== 0 && agent !== before.agent;
  });
  // Longer than the lease of the one that was killed.
  await letPass((ttl + 1) * 1000);
  expect(await untilHealthy(leader)).toBe(leader);
  expect(postmasterOf(leader)).toBe(before.postmaster);
  expect(await timelineNow()).toBe(before.timeline);
});

test('in a pause the agent alone is restarted', async () => {
  const leader = await untilHealthy('n1 or n2');
  const before = { agent: await agentOf(leader), postmaster: postmasterOf(leader), timeline: await timelineNow() };
  await patronictl('pause', '--wait');
  await booted().run(['systemctl', 'restart', unitOf(leader)]);
  expect(await agentOf(leader)).not.toBe(before.agent);
  expect(postmasterOf(leader)).toBe(before.postmaster);
  expect(await untilHealthy(leader)).toBe(leader);
  await patronictl('resume', '--wait');
  expect(await untilHealthy(leader)).toBe(leader);
  expect(postmasterOf(leader)).toBe(before.postmaster);
  expect(await timelineNow()).toBe(before.timeline);
});

test('a reload reads the configuration and restarts nothing', async () => {
  const leader = await untilHealthy('n1 or n2');
  const before = { agent: await agentOf(leader), postmaster: postmasterOf(leader) };
  appendFileSync(fileOf(root, leader), 'tags: { noloadbalance: true }\n');
  await booted().run(['systemctl', 'reload', unitOf(leader)]);
  await until('the tag of the leader', { withinMs: 30_000 }, async () =>
    (await booted().run(['matriarch', '-c', `/etc/matriarch/${leader}.yml`, 'list', '-f', 'tsv'])).includes(
      'noloadbalance',
    ),
  );
  expect({ agent: await agentOf(leader), postmaster: postmasterOf(leader) }).toEqual(before);
});

test('a stop hands over, stops PostgreSQL and ends; a start brings it back as a replica', async () => {
  const leader = await untilHealthy('n1 or n2');
  const other = leader === 'n1' ? 'n2' : 'n1';
  const timeline = await timelineNow();
  await booted().run(['systemctl', 'stop', unitOf(leader)], 2 * minutes);
  expect(await booted().property(unitOf(leader), 'Result')).toBe('success');
  expect(await booted().property(unitOf(leader), 'ExecMainStatus')).toBe('0');
  expect(() => postmasterOf(leader)).toThrow('ENOENT');
  await until(`${other} to lead`, { withinMs: 30_000 }, async () =>
    (await membersNow()).some(({ Member, Role }) => Member === other && Role === 'Leader'),
  );
  await booted().run(['systemctl', 'start', unitOf(leader)]);
  expect(await untilHealthy(other)).toBe(other);
  // One hand-over, not a failover and another one back.
  expect(await timelineNow()).toBe(timeline + 1);
});

test('what a person has to mend is tried again at leisure, and by itself', { timeout: 4 * minutes }, async () => {
  const leader = await untilHealthy('n1 or n2');
  const replica = leader === 'n1' ? 'n2' : 'n1';
  const right = readFileSync(fileOf(root, replica), 'utf8');
  const postmaster = postmasterOf(replica);
  appendFileSync(fileOf(root, replica), 'scope: [\n');
  await booted().run(['systemctl', 'kill', '--kill-who=main', '--signal=KILL', unitOf(replica)]);
  await until('a pause after an end with status 1', { withinMs: 60_000 }, async () => {
    const unit = unitOf(replica);
    const [state, status] = await Promise.all([
      booted().property(unit, 'SubState'),
      booted().property(unit, 'ExecMainStatus'),
    ]);
    return state === 'stop-post' && status === '1';
  });
  writeFileSync(fileOf(root, replica), right);
  expect(await untilHealthy(leader)).toBe(leader);
  expect(postmasterOf(replica)).toBe(postmaster);
});

function booted(): BootedRoot {
  if (host === null) throw new Error('nothing is booted');
  return host;
}

const Members = z.array(
  z.object({
    Member: z.string(),
    Role: z.string(),
    State: z.string(),
    TL: z.union([z.number(), z.string()]).optional(),
  }),
);

async function membersNow(): Promise<z.infer<typeof Members>> {
  return Members.parse(JSON.parse(await patronictl('list', '-f', 'json')));
}

async function timelineNow(): Promise<number> {
  const leader = (await membersNow()).find(({ Role }) => Role === 'Leader');
  return Number(leader?.TL);
}

/** One leads and the other streams from it. @returns who leads. */
function untilHealthy(leader: string): Promise<string> {
  return until(`${leader} leading, the other streaming`, { withinMs: 90_000, everyMs: 500 }, async () => {
    const members = await membersNow();
    const [leads, ...more] = members.filter(({ Role, State }) => Role === 'Leader' && State === 'running');
    const streams = members.filter(({ State }) => State === 'streaming');
    const isExpected = leads !== undefined && (leader === 'n1 or n2' || leads.Member === leader);
    return isExpected && more.length === 0 && streams.length === 1 && (await bothRun()) ? leads.Member : null;
  });
}

async function bothRun(): Promise<boolean> {
  const agents = await Promise.all([agentOf('n1'), agentOf('n2')]);
  return agents.every((pid) => pid !== 0);
}

function patronictl(...args: readonly string[]): Promise<string> {
  return booted().run(['patronictl', '-c', '/etc/matriarch/n1.yml', ...args]);
}

/** `0`: none runs. */
async function agentOf(member: string): Promise<number> {
  return Number(await booted().property(unitOf(member), 'MainPID'));
}

function postmasterOf(member: string): number {
  return Number(readFileSync(join(root, dataOf(member), 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
}

/** Packed anew, by the project's own command. */
async function packed(name: string): Promise<{ readonly path: string; readonly name: string }> {
  const out = join(folder, name);
  const printed = await run([process.execPath, join(checkout, 'scripts/package.ts'), '--out', out], {
    limitMs: 4 * minutes,
  });
  const [path = ''] = printed.split('\n');
  return { path, name: basename(path, '.tar.gz') };
}

async function sumOf(file: string): Promise<string> {
  const [sum = ''] = (await run(['sha256sum', file])).split(' ');
  return sum;
}
