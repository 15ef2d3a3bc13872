/** Slots that PostgreSQL copies to standbys by itself, which it does from version 17 on: they are seen, and left to it. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { DesiredPostgres } from '../../src/domain/desired-postgres.ts';
import { slotName, slotNameOf } from '../../src/domain/names.ts';
import type { Slot } from '../../src/domain/postgres-report.ts';
import { noSlotChange } from '../../src/domain/slot-change.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

beforeAll(becomeOrdinaryUser);

const START = millis(60_000);
const LOOK = millis(3_000);
const cdc = { name: slotName('cdc'), database: 'postgres', plugin: 'test_decoding' };
const members: RealMember[] = [];
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

test('PG-72: a slot made with failover is its primary’s own and a standby’s copy, and survives a promotion', async () => {
  const a = await made('a');
  const bootstrap = { kind: 'bootstrap', desired: syncing(null) } as const;
  expect(await a.postgres.run(bootstrap, taskContext())).toMatchObject({ kind: 'done' });
  const b = await made('b');
  const follows = syncing({ from: a.upstream(b.name), as: b.name });
  const slot = { ...noSlotChange, create: [slotNameOf(b.name)] };
  expect(await a.postgres.manageSlots(slot)).toEqual({ kind: 'done' });
  const methods = [{ kind: 'basebackup', options: [] }] as const;
  const clone = { kind: 'clone', from: a.upstream(b.name), methods, patience: seconds(10) } as const;
  expect(await b.postgres.run(clone, taskContext())).toEqual({ kind: 'done' });
  const start = { kind: 'start', desired: follows, timeout: START } as const;
  expect(await b.postgres.run(start, taskContext())).toEqual({ kind: 'done' });

  await sql(a.config.postgres, "SELECT pg_create_logical_replication_slot('cdc', 'test_decoding', false, false, true)");
  expect(await slotOf(a)).toMatchObject({ failover: 'own' });
  await expect.poll(() => slotOf(b), { timeout: 60_000, interval: 200 }).toMatchObject({ failover: 'synced' });

  const before = (await b.postgres.look(LOOK)).process;
  const copy = {
    kind: 'copy-slots',
    from: a.upstream(b.name),
    slots: [cdc],
    desired: follows,
    timeout: START,
  } as const;
  const outcome = await b.postgres.run({ ...copy, stopTimeout: seconds(10) }, taskContext());
  expect(outcome).toMatchObject({ kind: 'refused' });
  expect((await b.postgres.look(LOOK)).process).toEqual(before);

  const fastStop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null } as const;
  expect(await a.postgres.run(fastStop, taskContext())).toEqual({ kind: 'done' });
  expect(await b.postgres.run({ kind: 'promote', safety: millis(1_000) }, taskContext())).toEqual({ kind: 'done' });
  const changes = "SELECT count(*) AS count FROM pg_logical_slot_get_changes('cdc', NULL, NULL)";
  expect(await sql(b.config.postgres, changes)).toEqual([{ count: '0' }]);
});

async function made(name: string): Promise<RealMember> {
  const member = await realMember(name);
  members.push(member);
  return member;
}

function syncing(upstream: Parameters<typeof desired>[0]): DesiredPostgres {
  const base = desired(upstream);
  const more = { wal_level: 'logical', hot_standby_feedback: 'on', sync_replication_slots: 'on' };
  return { ...base, parameters: { ...base.parameters, ...more } };
}

async function slotOf(member: RealMember): Promise<Slot | undefined> {
  const { server } = await member.postgres.look(LOOK);
  const slots = server.kind === 'primary' || server.kind === 'standby' ? server.slots : [];
  return slots.find(({ name }) => name === cdc.name);
}
