/** Variables of libpq in the agent's environment: what our configuration says comes first, whoever connects. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { millis, seconds } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';

const diverting = { PGPASSWORD: 'of another role', PGHOSTADDR: '127.0.0.9', PGTARGETSESSIONATTRS: 'standby' } as const;
const members: RealMember[] = [];

beforeAll(() => {
  becomeOrdinaryUser();
  Object.assign(process.env, diverting);
});
afterAll(async () => {
  for (const name of Object.keys(diverting)) Reflect.deleteProperty(process.env, name);
  for (const member of members) await member.end();
});

async function made(name: string): Promise<RealMember> {
  const member = await realMember(name);
  members.push(member);
  return member;
}

test('another password, address or kind of server is neither for copies nor for the stream', async () => {
  const hba = [
    'local all all scram-sha-256',
    'host all all all scram-sha-256',
    'host replication all all scram-sha-256',
  ];
  const a = await made('a');
  expect(await a.postgres.run({ kind: 'bootstrap', desired: { ...desired(null), hba } }, taskContext())).toMatchObject({
    kind: 'done',
  });
  const b = await made('b');
  const from = a.upstream(b.name);
  const methods = [{ kind: 'basebackup', options: [] }] as const;
  expect(await b.postgres.run({ kind: 'clone', from, methods, patience: seconds(10) }, taskContext())).toEqual({
    kind: 'done',
  });

  const standby = { upstream: from, slot: null, recovery: {} };
  const follows = { ...desired({ from, as: b.name }), hba, standby };
  const start = { kind: 'start', desired: follows, timeout: millis(60_000) } as const;
  expect(await b.postgres.run(start, taskContext())).toEqual({ kind: 'done' });
  await expect
    .poll(async () => (await b.postgres.look(millis(3_000))).server, { timeout: 10_000 })
    .toMatchObject({ walReceiver: { status: 'streaming' } });
});
