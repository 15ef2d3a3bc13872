/** A promotion takes the next number that it knows nobody to have used: what others do who wait for the one between. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { DesiredPostgres } from '../../src/domain/desired-postgres.ts';
import { formatLsn, type Lsn, lsn } from '../../src/domain/lsn.ts';
import { slotNameOf } from '../../src/domain/names.ts';
import { noSlotChange } from '../../src/domain/slot-change.ts';
import type { PostgresTask } from '../../src/domain/task.ts';
import { millis } from '../../src/domain/time.ts';
import type { TimelineHistory } from '../../src/domain/timeline.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { sql } from '../support/sql.ts';

beforeAll(becomeOrdinaryUser);

const LOOK = millis(3_000);
const START = millis(60_000);
const TAKES = { timeout: 120_000 };
const SOON = { timeout: 30_000 };
const fastStop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null } as const;
/** A tenth of a second from one to the next (`desired`). */
const TRIES = 100;
const members: RealMember[] = [];
afterEach(async () => {
  for (const member of members.splice(0)) await member.end();
});

test(
  'who waits for a timeline that its leader skipped, being beyond it, stands still until it is restarted',
  TAKES,
  async () => {
    const { leader, waiting, end } = await twoCopies();
    await done(leader, { kind: 'start', desired: desired(null), timeout: START });
    await sql(leader.config.postgres, 'CREATE TABLE beyond ()');
    await done(leader, fastStop);
    await done(leader, { kind: 'start', desired: alone(), timeout: START });
    for (const each of [leader, waiting]) learns(each, end);
    // It has seen that it cannot turn to it.
    await expect.poll(() => logged(leader, 'before current recovery point'), SOON).toBeGreaterThan(0);

    await standsStillUntilRestarted({ leader, waiting });
  },
);

test(
  'so does who waits for one that its leader, from before it, heard of too late to wait for it, too',
  TAKES,
  async () => {
    const { leader, waiting, end } = await twoCopies();
    // It looks for new timelines once a try.
    await done(leader, { kind: 'start', desired: alone('1h'), timeout: START });
    await expect.poll(() => logged(leader, 'waiting for WAL'), SOON).toBeGreaterThan(0);
    for (const each of [leader, waiting]) learns(each, after(end));

    await standsStillUntilRestarted({ leader, waiting });
  },
);

test(
  'a leader that waits for a timeline is promoted out of it, also from before it; who has no more follows',
  TAKES,
  async () => {
    const { leader, waiting, end } = await twoCopies();
    for (const each of [leader, waiting]) learns(each, after(end));
    await done(leader, { kind: 'start', desired: alone(), timeout: START });
    await done(leader, { kind: 'promote', safety: millis(1_000) });

    // The timeline that it names ends before it begins.
    expect(await historyOf(leader)).toMatchObject({
      of: 3,
      switches: [
        { parent: 1, switchedAt: after(end) },
        { parent: 2, switchedAt: end },
      ],
    });
    await follows(waiting, leader);
    await expect.poll(() => isStreaming(waiting), SOON).toBe(true);
  },
);

/** Two members that have come equally far on timeline 1, both stopped in order; `end`: where that is. */
async function twoCopies() {
  const leader = await member('leader');
  const waiting = await member('waiting');
  await done(leader, { kind: 'bootstrap', desired: desired(null) });
  await done(leader, fastStop);
  cpSync(leader.config.postgres.dataDir, waiting.config.postgres.dataDir, { recursive: true });
  const { dataDirectory } = await leader.postgres.look(LOOK);
  const end = dataDirectory.kind === 'present' ? (dataDirectory.control?.checkpointEnd ?? null) : null;
  if (end === null) throw new Error('it does not say where its last checkpoint ends');
  return { leader, waiting, end };
}

/** What the rule `restart-to-follow` goes by, and what it does. */
async function standsStillUntilRestarted({ leader, waiting }: { leader: RealMember; waiting: RealMember }) {
  await done(leader, { kind: 'promote', safety: millis(1_000) });
  const history = await historyOf(leader);
  expect(history).toMatchObject({ of: 3, switches: [{ parent: 1 }] });

  const following = await follows(waiting, leader);
  await expect.poll(() => logged(waiting, 'is not a child of'), SOON).toBeGreaterThan(TRIES);
  // A receiver that has just connected says for a moment that it streams.
  await expect.poll(() => standing(waiting), SOON).toEqual({ timeline: 1, isStreaming: false, isReplaying: undefined });

  await done(waiting, { kind: 'restart', desired: following, timeout: START });
  await expect.poll(() => isStreaming(waiting), SOON).toBe(true);
  await sql(leader.config.postgres, 'CREATE TABLE replicated ()');
  const find = "SELECT 1 FROM pg_class WHERE relname = 'replicated'";
  await expect.poll(() => sql(waiting.config.postgres, find), SOON).toHaveLength(1);
}

/** A standby that follows nobody. @param retries How long it waits before it looks for WAL, and timelines, again. */
function alone(retries?: string): DesiredPostgres {
  const { parameters, ...rest } = desired(null);
  const standby = { upstream: null, slot: null, recovery: {} };
  const seldom = retries === undefined ? {} : { wal_retrieve_retry_interval: retries };
  return { ...rest, parameters: { ...parameters, ...seldom }, standby };
}

/** As if it had asked whoever began timeline 2 there, or found that in the archive. */
function learns({ config }: RealMember, beganAt: Lsn): void {
  const file = join(config.postgres.dataDir, 'pg_wal', '00000002.history');
  writeFileSync(file, `1\t${formatLsn(beganAt)}\tno recovery target specified\n`);
}

function after(position: Lsn): Lsn {
  return lsn(position + 400n) ?? position;
}

async function follows(follower: RealMember, leader: RealMember): Promise<DesiredPostgres> {
  await leader.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(follower.name)] });
  const following = desired({ from: leader.upstream(follower.name), as: follower.name });
  await done(follower, { kind: 'start', desired: following, timeout: START });
  return following;
}

async function historyOf(leader: RealMember): Promise<TimelineHistory | null> {
  const question = { upstream: leader.upstream(leader.name), member: leader.name, own: null, limit: LOOK };
  const answer = await leader.postgres.askHistory(question);
  return answer.kind === 'known' ? answer.history : null;
}

async function standing(standby: RealMember) {
  const { server } = await standby.postgres.look(LOOK);
  if (server.kind !== 'standby') return server.kind;
  const { timeline, walReceiver, isReplaying } = server;
  return { timeline, isStreaming: walReceiver?.status === 'streaming', isReplaying };
}

async function isStreaming(standby: RealMember): Promise<boolean> {
  const { server } = await standby.postgres.look(LOOK);
  return server.kind === 'standby' && server.walReceiver?.status === 'streaming' && server.timeline === 3;
}

/** How often its server has said that. */
function logged({ logFile }: RealMember, words: string): number {
  return readFileSync(logFile, 'utf8').split(words).length - 1;
}

async function member(name: string): Promise<RealMember> {
  const created = await realMember(name);
  members.push(created);
  return created;
}

async function done(on: RealMember, task: PostgresTask): Promise<void> {
  expect(await on.postgres.run(task, taskContext())).toMatchObject({ kind: 'done' });
}
