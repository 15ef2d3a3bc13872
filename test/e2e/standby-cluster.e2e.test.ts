/** One cluster follows another: it is copied, fails over inside, goes its own way, and follows again. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { minutes } from '../support/e2e.ts';
import { Etcd } from '../support/etcd.ts';
import { LoneAgents, type LoneMember, type LoneRun } from '../support/lone-agents.ts';
import { matriarchCommand } from '../support/matriarch.ts';
import { users } from '../support/node-file.ts';
import { sql } from '../support/sql.ts';
import { letPass, until } from '../support/wait.ts';

let agents: LoneAgents;
let store: Etcd;
let remote: LoneMember;
let inside: readonly LoneMember[];
const runs = new Map<LoneMember, LoneRun>();

beforeAll(async () => {
  agents = await LoneAgents.prepare();
  store = await Etcd.start({ members: 1 });
  remote = await agents.member('far', store.endpoints, 'first');
  // A slot that nobody configured there would be dropped.
  const slots = 'slots: {second: {type: physical}}';
  writeFileSync(remote.file, remote.text.replace(/^( *)maximum_lag_on_failover:/m, `$1${slots}\n$&`));
  start(remote);
  // The lock comes before the first start.
  await until('the first cluster', { withinMs: 60_000 }, () => query(remote, 'SELECT 1'));
  await query(remote, 'CREATE TABLE seen (what text)');
  inside = [await standby('a'), await standby('b')];
}, 3 * minutes);
afterAll(async () => {
  await agents.end();
  await store.stop();
}, 2 * minutes);

function start(member: LoneMember): void {
  runs.set(member, agents.start(member));
}

/** A member of the cluster `second`, which follows `first`. */
async function standby(name: string): Promise<LoneMember> {
  const member = await agents.member(name, store.endpoints, 'second');
  const section = `standby_cluster: {host: 127.0.0.1, port: ${remote.postgresPort}, primary_slot_name: second}`;
  writeFileSync(member.file, member.text.replace(/^( *)maximum_lag_on_failover:/m, `$1${section}\n$&`));
  return member;
}

function answers({ name, apiPort }: LoneMember, path: string): Promise<true> {
  return until(`${path} of ${name}`, { withinMs: 90_000, everyMs: 100 }, async () => {
    const { status } = await fetch(`http://127.0.0.1:${apiPort}${path}`);
    return status === 200;
  });
}

/** The first column of the first row, as text. */
async function query({ postgresPort }: LoneMember, text: string): Promise<string> {
  const superuser = { ...users.superuser, connection: {} };
  const [row] = await sql({ port: postgresPort, superuser }, text);
  return String(Object.values(row ?? {})[0]);
}

/** What was written there arrives here. */
async function flows(from: LoneMember, to: LoneMember, what: string): Promise<void> {
  await query(from, `INSERT INTO seen VALUES ('${what}')`);
  await until(
    `${what} arrives at ${to.name}`,
    { withinMs: 60_000 },
    async () => (await query(to, `SELECT count(*) FROM seen WHERE what = '${what}'`)) === '1',
  );
}

/** @returns what ends it. */
function writeOn(member: LoneMember): () => Promise<void> {
  const end = new AbortController();
  const writes = (async () => {
    while (!end.signal.aborted) {
      await query(member, "INSERT INTO seen VALUES ('more')");
      await letPass(10);
    }
  })();
  return () => {
    end.abort();
    return writes;
  };
}

async function ofTwo(path: string): Promise<readonly [LoneMember, LoneMember]> {
  const [a, b] = inside;
  if (a === undefined || b === undefined) throw new Error('two members');
  const { status } = await fetch(`http://127.0.0.1:${a.apiPort}${path}`);
  return status === 200 ? [a, b] : [b, a];
}

test(
  'a second cluster follows the first, fails over inside, is promoted, and demoted back',
  async () => {
    const [a, b] = inside;
    if (a === undefined || b === undefined) throw new Error('two members');

    // B1: it is copied; nobody there is a primary.
    start(a);
    await answers(a, '/standby-leader');
    start(b);
    await answers(b, '/replica');
    await flows(remote, b, 'bootstrap');
    expect(await query(a, 'SELECT pg_is_in_recovery()')).toBe('true');
    expect(await query(remote, "SELECT active FROM pg_replication_slots WHERE slot_name = 'second'")).toBe('true');

    // CC180: its leader dies; the other one takes over and follows the remote itself.
    await runs.get(a)?.stop();
    await answers(b, '/standby-leader');
    await flows(remote, b, 'failover');
    start(a);
    await answers(a, '/replica');
    await flows(remote, a, 'rejoin');

    // CC179: it goes its own way.
    const promoted = await operate('promote-cluster');
    expect(promoted).toContain('cluster is successfully promoted');
    const [primary, replica] = await ofTwo('/primary');
    await answers(primary, '/primary');
    await flows(primary, replica, 'own way');

    // CC178: and follows again. What it has written meanwhile is no part of the first cluster: both are rewound, and need
    // what is written there until they are, though one slot is all that they have.
    const writes = writeOn(remote);
    const demoted = await operate(
      'demote-cluster',
      '--host',
      '127.0.0.1',
      '--port',
      String(remote.postgresPort),
      '--primary-slot-name',
      'second',
    );
    expect(demoted).toContain('cluster is successfully demoted');
    await flows(remote, primary, 'demoted');
    await flows(remote, replica, 'demoted too').finally(writes);
    expect(await query(primary, "SELECT count(*) FROM seen WHERE what = 'own way'")).toBe('0');
  },
  6 * minutes,
);

function operate(...args: readonly string[]): Promise<string> {
  return run(matriarchCommand(['-c', inside[0]?.file ?? '', ...args, '--force']), { limitMs: 120_000 });
}
