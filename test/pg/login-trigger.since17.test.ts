/** Triggers on logins, which there are from version 17 on: what they do to operators' sessions they do not do to ours. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { slotName, slotNameOf } from '../../src/domain/names.ts';
import { noSlotChange } from '../../src/domain/slot-change.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

beforeAll(becomeOrdinaryUser);

const LOOK = millis(3_000);
const members: RealMember[] = [];
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

test.each([
  // As in PostgreSQL's manual, which names the table without its schema.
  ['that writes down who comes', 'INSERT INTO login_log VALUES (session_user, current_timestamp)'],
  ['that turns everybody away', "RAISE EXCEPTION 'Login forbidden'"],
  ['that hangs', 'PERFORM pg_catalog.pg_sleep(600)'],
])('a trigger %s does not hide the server', async (_what, does) => {
  const a = await made('a');
  expect(await a.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext())).toMatchObject({
    kind: 'done',
  });
  await onLogin(a, does);

  await a.postgres.close();
  expect((await a.postgres.look(LOOK)).server).toMatchObject({ kind: 'primary' });
  expect(await a.postgres.checkpoint(new AbortController().signal)).toEqual({ kind: 'done' });
  const permanent = { ...noSlotChange, create: [slotName('permanent')] };
  expect(await a.postgres.manageSlots(permanent)).toEqual({ kind: 'done' });
});

test('who copies slots from a leader with such a trigger is written down there, and copies them', async () => {
  const a = await made('a');
  await a.postgres.run({ kind: 'bootstrap', desired: desired(null) }, taskContext());
  const b = await made('b');
  await a.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(b.name)] });
  const from = a.upstream(b.name);
  const methods = [{ kind: 'basebackup', options: [] }] as const;
  await b.postgres.run({ kind: 'clone', from, methods, patience: seconds(10) }, taskContext());
  const follows = desired({ from, as: b.name });
  await b.postgres.run({ kind: 'start', desired: follows, timeout: millis(60_000) }, taskContext());
  const cdc = { name: slotName('cdc'), database: 'postgres', plugin: 'test_decoding' };
  await a.postgres.manageSlots({ ...noSlotChange, createLogical: [cdc] });
  await onLogin(a, 'INSERT INTO login_log VALUES (session_user, current_timestamp)');
  await expect
    .poll(() => sql(b.config.postgres, 'SELECT count(*) FROM pg_event_trigger').catch(() => []))
    .toEqual([{ count: '1' }]);

  const copy = { kind: 'copy-slots', from, slots: [cdc], desired: follows, timeout: millis(60_000) } as const;
  await expect
    .poll(() => b.postgres.run({ ...copy, stopTimeout: seconds(10) }, taskContext()), { timeout: 30_000 })
    .toEqual({ kind: 'done' });
  expect(await sql(a.config.postgres, `SELECT DISTINCT who FROM login_log WHERE who = 'rewinder'`)).toHaveLength(1);
});

async function made(name: string): Promise<RealMember> {
  const member = await realMember(name);
  members.push(member);
  return member;
}

async function onLogin({ config }: RealMember, does: string): Promise<void> {
  await sql(
    config.postgres,
    `CREATE TABLE login_log (who text, at timestamptz);
     CREATE FUNCTION on_login() RETURNS event_trigger SECURITY DEFINER LANGUAGE plpgsql AS $$
     BEGIN
       IF NOT pg_catalog.pg_is_in_recovery() THEN ${does}; END IF;
     END $$;
     CREATE EVENT TRIGGER on_login ON login EXECUTE FUNCTION on_login();
     ALTER EVENT TRIGGER on_login ENABLE ALWAYS`,
  );
}
