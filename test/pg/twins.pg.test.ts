import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { slotNameOf } from '../../src/domain/names.ts';
import { ownWal } from '../../src/domain/shared-branch.ts';
import { noSlotChange } from '../../src/domain/slot-change.ts';
import { millis } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

beforeAll(becomeOrdinaryUser);

const LOOK = millis(3_000);
const START = millis(60_000);
const fastStop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null } as const;
const members: RealMember[] = [];
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

test('twins of one timeline have one history and not one WAL; who follows one is told from the other', async () => {
  const { a, b, follower } = await twins();
  expect((await a.postgres.look(LOOK)).timelineHistory).toEqual((await b.postgres.look(LOOK)).timelineHistory);

  const following = desired({ from: a.upstream(follower.name), as: follower.name });
  await a.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(follower.name)] });
  await done(follower, { kind: 'start', desired: following, timeout: START });
  await sql(a.config.postgres, 'CREATE TABLE only_on_a ()');
  await expect.poll(() => isOn(follower, 2)).toBe(true);

  await expect.poll(() => compared(follower, a), { timeout: 10_000 }).toBe('same');
  expect(await compared(follower, b)).toBe('different');
  await done(follower, fastStop);
  expect(await compared(follower, a)).toBe('same');
  expect(await compared(follower, b)).toBe('different');
  await done(a, fastStop);
  expect(await compared(a, b)).toBe('different');
});

test('where the beginning of the timeline is gone, its end tells as much as it can', async () => {
  const { a, b } = await twins();
  for (const each of [a, b]) {
    await sql(each.config.postgres, 'CREATE TABLE grown AS SELECT now() AS at');
    await sql(each.config.postgres, 'SELECT pg_switch_wal()');
    await sql(each.config.postgres, 'DROP TABLE grown');
  }
  await done(a, fastStop);
  removeOldestOf(a, '00000002');

  expect(await compared(a, b)).toBe('different');
});

test('without the right to read the leader’s files nothing is compared, and the rest of the answer counts', async () => {
  const { a, b } = await twins();
  const function_ = 'pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)';
  await sql(b.config.postgres, `REVOKE EXECUTE ON FUNCTION ${function_} FROM rewinder`);

  expect(await compared(a, b)).toBe('unknown');
});

/** Two members that were promoted from exactly the same position, neither having seen the other; and one that waits there. */
async function twins() {
  const a = await member('a');
  const b = await member('b');
  const follower = await member('c');
  await done(a, { kind: 'bootstrap', desired: desired(null) });
  await done(a, fastStop);
  for (const { config } of [b, follower])
    cpSync(a.config.postgres.dataDir, config.postgres.dataDir, { recursive: true });
  const alone = { ...desired(null), standby: { upstream: null, slot: null, recovery: {} } };
  for (const each of [a, b]) {
    await done(each, { kind: 'start', desired: alone, timeout: START });
    await done(each, { kind: 'promote', safety: millis(1_000) });
  }
  return { a, b, follower };
}

async function member(name: string): Promise<RealMember> {
  const created = await realMember(name);
  members.push(created);
  return created;
}

async function done(on: RealMember, task: Parameters<RealMember['postgres']['run']>[0]): Promise<void> {
  expect(await on.postgres.run(task, taskContext())).toMatchObject({ kind: 'done' });
}

async function compared(local: RealMember, leader: RealMember): Promise<string> {
  const own = ownWal(await local.postgres.look(LOOK));
  expect(own?.history.of).toBe(2);
  const upstream = leader.upstream(local.name);
  const answer = await local.postgres.askHistory({ upstream, member: leader.name, own, limit: LOOK });
  return answer.kind === 'known' ? answer.sameWal : answer.reason;
}

async function isOn(standby: RealMember, timeline: number): Promise<boolean> {
  const { server } = await standby.postgres.look(LOOK);
  return server.kind === 'standby' && server.walReceiver?.status === 'streaming' && server.timeline === timeline;
}

/** The first segment file of that timeline, as a checkpoint would recycle it. */
function removeOldestOf(on: RealMember, timeline: string): void {
  const directory = join(on.config.postgres.dataDir, 'pg_wal');
  const segments = readdirSync(directory).filter((name) => /^[0-9A-F]{24}$/.test(name) && name.startsWith(timeline));
  rmSync(join(directory, segments.toSorted()[0] ?? 'nothing'));
}
