import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DesiredPostgres, Upstream } from '../../src/domain/desired-postgres.ts';
import type { Lsn } from '../../src/domain/lsn.ts';
import { type MemberName, slotName, slotNameOf } from '../../src/domain/names.ts';
import type { PostgresReport } from '../../src/domain/postgres-report.ts';
import { ownWal } from '../../src/domain/shared-branch.ts';
import { noSlotChange } from '../../src/domain/slot-change.ts';
import type { PostgresTask, TaskOutcome } from '../../src/domain/task.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import type { Postgres, TaskContext } from '../../src/ports/postgres.ts';

/** What the suite needs beside the port: members, and what happens to them from outside. */
export type PostgresWorld = {
  /** A member with an empty data directory. */
  member(name: string): Promise<PostgresWorldMember>;
  /** Everything that was started is gone. */
  end(): Promise<void>;
};

export type PostgresWorldMember = {
  readonly name: MemberName;
  readonly postgres: Postgres;
  /** How a follower of that name reaches this member. */
  upstream(follower: MemberName): Upstream;
  /** A configuration: of a standby that follows `upstream` with its own slot, or of a primary. */
  desired(upstream: Upstream | null): DesiredPostgres;
  /** A task's surroundings; the lease is good unless `change` says otherwise. */
  context(change?: Partial<TaskContext>): TaskContext;
  /** A client commits a little. */
  commit(): Promise<void>;
  /** A client commits a little and does not wait. @returns whether it was told meanwhile that it is done. */
  beginCommit(): Promise<() => boolean>;
  /** A client begins a statement that keeps its backend busy, so that it does not notice its postmaster's death. */
  keepBackendBusy(): Promise<void>;
  /** SIGKILL to the postmaster alone. */
  killPostmaster(): Promise<void>;
  /** Slots that nobody uses are dropped, and all WAL that is not needed is removed. */
  removeOldWal(): Promise<void>;
  /** A client pauses the replay of a standby. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
  /** From now on one backend pays no attention to an orderly stop. */
  stickBackend(): Promise<void>;
  /** SIGSTOP, or SIGCONT, to every process of the data directory. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
};

const LOOK = millis(3_000);
const START = millis(60_000);
/** Bound of every wait for something to show in a report. */
const SOON_MS = 30_000;

/** What the PostgreSQL port promises, for the real adapter and its simulated twin alike. */
export function postgresContract(name: string, makeWorld: () => Promise<PostgresWorld>): void {
  describe(`the PostgreSQL port on ${name}`, () => {
    let world: PostgresWorld;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(async () => {
      await world.end();
    });

    test('an empty directory is reported as empty, with nothing running', async () => {
      const a = await world.member('a');
      expect(await a.postgres.look(LOOK)).toMatchObject({
        dataDirectory: { kind: 'empty' },
        process: { kind: 'none' },
        server: { kind: 'down' },
      });
    });

    test('bootstrap leaves a running primary on timeline 1, and a fast stop a clean end', async () => {
      const a = await world.member('a');
      const outcome = await run(a, { kind: 'bootstrap', desired: a.desired(null) });
      expect(outcome).toMatchObject({ kind: 'done', systemId: expect.stringMatching(/^\d{10,}$/) });
      const running = await a.postgres.look(LOOK);
      expect(running).toMatchObject({ process: { kind: 'running' }, server: { kind: 'primary', timeline: 1 } });
      expect(running.dataDirectory).toMatchObject({ kind: 'present', signal: 'none' });

      expect(await run(a, fastStop)).toEqual({ kind: 'done' });
      const stopped = await a.postgres.look(LOOK);
      expect(stopped).toMatchObject({ process: { kind: 'none' }, server: { kind: 'down' } });
      expect(controlOf(stopped)).toMatchObject({ state: 'shut down', checkpointTimeline: 1, canRewind: true });
      const { checkpointLsn, checkpointEnd } = controlOf(stopped);
      expect(checkpointEnd).toBeGreaterThan(checkpointLsn);
    });

    test('stopping what does not run is done at once', async () => {
      const a = await world.member('a');
      expect(await run(a, fastStop)).toEqual({ kind: 'done' });
    });

    test('a clone streams, is promoted onto a new timeline, and the old primary comes back by rewind', async () => {
      const { a, b } = await primaryAndStandby(world);
      const standby = await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      expect(standby).toMatchObject({ dataDirectory: { signal: 'standby' }, server: { kind: 'standby', timeline: 1 } });
      expect(standby.server).toMatchObject({ upstream: { slot: slotNameOf(b.name) } });
      const primary = await seen(a, (report) => walSenders(report).length === 1);
      expect(walSenders(primary)[0]).toMatchObject({ applicationName: b.name, state: 'streaming' });
      expect(primary.server).toMatchObject({ slots: [{ name: slotNameOf(b.name), type: 'physical', active: true }] });

      expect(await run(b, promotion)).toEqual({ kind: 'done' });
      expect((await b.postgres.look(LOOK)).server).toMatchObject({ kind: 'primary', timeline: 2 });
      expect(await ask(a, b)).toMatchObject({
        kind: 'known',
        inRecovery: false,
        history: { of: 2, switches: [{ parent: 1 }] },
      });

      // What the old primary commits now, nobody will ever see again.
      await a.commit();
      await b.commit();
      expect(await run(a, fastStop)).toEqual({ kind: 'done' });
      expect(await b.postgres.checkpoint(new AbortController().signal)).toEqual({ kind: 'done' });
      expect(await b.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(a.name)] })).toEqual({
        kind: 'done',
      });
      expect(await run(a, { kind: 'rewind', from: b.upstream(a.name), options: [], patience: seconds(10) })).toEqual({
        kind: 'done',
      });
      expect((await a.postgres.look(LOOK)).dataDirectory).toMatchObject({ signal: 'standby' });
      expect(await run(a, start(a, b))).toEqual({ kind: 'done' });
      // It streams the rest of timeline 1 first.
      const rejoined = await seen(a, (report) => walReceiverStatus(report) === 'streaming' && timelineOf(report) !== 1);
      expect(rejoined.server).toMatchObject({ kind: 'standby', timeline: 2 });
    });

    test('a rewind of what already fits says so, and the old primary follows as it is', async () => {
      const { a, b } = await primaryAndStandby(world);
      await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      expect(await run(a, fastStop)).toEqual({ kind: 'done' });
      expect(await run(b, promotion)).toEqual({ kind: 'done' });
      expect(await b.postgres.checkpoint(new AbortController().signal)).toEqual({ kind: 'done' });
      await b.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(a.name)] });

      expect(await run(a, { kind: 'rewind', from: b.upstream(a.name), options: [], patience: seconds(10) })).toEqual({
        kind: 'done',
        unchanged: true,
      });
      expect(await run(a, start(a, b))).toEqual({ kind: 'done' });
      // It streams the rest of timeline 1 first.
      const rejoined = await seen(a, (report) => walReceiverStatus(report) === 'streaming' && timelineOf(report) !== 1);
      expect(rejoined.server).toMatchObject({ kind: 'standby', timeline: 2 });
    });

    test('a standby without its upstream keeps its position and timeline', async () => {
      const { a, b } = await primaryAndStandby(world);
      await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      expect(await run(a, { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: null })).toEqual({
        kind: 'done',
      });
      const alone = await seen(b, (report) => walReceiverStatus(report) === null);
      expect(alone.server).toMatchObject({ kind: 'standby', timeline: 1, receiveLsn: expect.anything() });
      expect(await ask(b, a)).toMatchObject({ kind: 'no-answer', member: a.name });
    });

    test('a standby of a standby goes on through its death, and with it onto its own timeline', async () => {
      const { a, b } = await primaryAndStandby(world);
      const c = await standbyOf(world, { name: 'c', copyOf: a, follows: b });
      const behind = await seen(c, (report) => walReceiverStatus(report) === 'streaming');
      expect(behind.server).toMatchObject({ kind: 'standby', timeline: 1, upstream: { slot: slotNameOf(c.name) } });
      expect(walSenders(await a.postgres.look(LOOK)).map((each) => each.applicationName)).toEqual([b.name]);
      await seen(b, (report) => walSenders(report).length === 1);

      expect(await run(b, fastStop)).toEqual({ kind: 'done' });
      await seen(c, (report) => walReceiverStatus(report) === null);
      await a.commit();
      expect(await run(b, start(b, a))).toEqual({ kind: 'done' });
      await seen(c, (report) => walReceiverStatus(report) === 'streaming');
      const committed = flushed(await a.postgres.look(LOOK));
      await seen(c, (report) => received(report) >= committed);

      expect(await run(a, fastStop)).toEqual({ kind: 'done' });
      expect(await run(b, promotion)).toEqual({ kind: 'done' });
      const above = await seen(c, ({ server }) => server.kind === 'standby' && server.timeline === 2);
      expect(above.server).toMatchObject({ kind: 'standby' });
    });

    test('a standby whose next WAL was removed while it was away is told so, and does not stream', async () => {
      const { a, b } = await primaryAndStandby(world);
      await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      expect(await run(b, fastStop)).toEqual({ kind: 'done' });
      await a.commit();
      expect(await ask(b, a)).toMatchObject({ kind: 'known', nextWal: 'kept' });
      await a.removeOldWal();
      expect(slots(await a.postgres.look(LOOK))).toEqual([]);
      await a.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(b.name)] });

      expect(await run(b, start(b, a))).toEqual({ kind: 'done' });
      const alone = await b.postgres.look(LOOK);
      expect(alone.server).toMatchObject({ kind: 'standby', timeline: 1 });
      expect(walReceiverStatus(alone)).not.toBe('streaming');
      expect(await ask(b, a)).toMatchObject({ kind: 'known', sameWal: 'unknown', nextWal: 'removed' });
    });

    test('a standby whose replay is paused goes on receiving, and its promotion loses none of it', async () => {
      const { a, b } = await primaryAndStandby(world);
      await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      await b.pauseReplay();
      await a.commit();
      const committed = flushed(await a.postgres.look(LOOK));
      const paused = await seen(b, (report) => received(report) >= committed);
      expect(paused.server).toMatchObject({
        kind: 'standby',
        replayPaused: true,
        walReceiver: { status: 'streaming' },
      });
      expect(replayed(paused)).toBeLessThan(received(paused));

      expect(await run(b, promotion)).toEqual({ kind: 'done' });
      const promoted = await b.postgres.look(LOOK);
      expect(promoted.server).toMatchObject({ kind: 'primary', timeline: 2 });
      expect(flushed(promoted)).toBeGreaterThan(committed);
    });

    test('a standby whose replay is paused makes no new connection; resumed, it streams again', async () => {
      const { a, b } = await primaryAndStandby(world);
      await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      await b.pauseReplay();
      expect(await run(a, fastStop)).toEqual({ kind: 'done' });
      await seen(b, (report) => walReceiverStatus(report) === null);
      expect(await run(a, startAlone(a))).toEqual({ kind: 'done' });
      await a.commit();
      expect(walReceiverStatus(await b.postgres.look(LOOK))).toBeNull();

      await b.resumeReplay();
      const resumed = await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      expect(resumed.server).toMatchObject({ replayPaused: false });
    });

    test.each([
      ['FIRST 1 (b, x)', 'sync'],
      ['ANY 1 (b, x)', 'quorum'],
    ])('with synchronous_standby_names = %s a commit is acknowledged when b has it', async (names, syncState) => {
      const { a, b } = await primaryAndStandby(world);
      await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      await a.commit();
      const desired = a.desired(null);
      const parameters = { ...desired.parameters, synchronous_standby_names: names };
      expect(await a.postgres.reconfigure({ ...desired, parameters })).toEqual({ kind: 'done' });
      const primary = await seen(a, (report) => walSenders(report)[0]?.syncState === syncState);
      expect(walSenders(primary)[0]).toMatchObject({ applicationName: b.name, syncPriority: 1 });
      const first = await a.beginCommit();
      await seen(a, first);

      expect(await run(b, fastStop)).toEqual({ kind: 'done' });
      await seen(a, (report) => walSenders(report).length === 0);
      const second = await a.beginCommit();
      await a.postgres.look(LOOK);
      expect(second()).toBe(false);
      expect(await run(b, start(b, a))).toEqual({ kind: 'done' });
      await seen(a, second);

      // Who gives up waiting for standbys ends the waiting of all.
      expect(await run(b, fastStop)).toEqual({ kind: 'done' });
      const third = await a.beginCommit();
      expect(await a.postgres.reconfigure(desired)).toEqual({ kind: 'done' });
      await seen(a, third);
    });

    test('without a lease that lasts, or without a guardian, nothing is promoted', async () => {
      const { b } = await primaryAndStandby(world);
      const lease = b.context().leaseNow();
      const bad = [
        { ...lease, deadline: null },
        { ...lease, guardianReady: false },
        { ...lease, deadline: lease.now },
      ];
      for (const leaseNow of bad) {
        const outcome = await b.postgres.run(promotion, b.context({ leaseNow: () => leaseNow }));
        expect(outcome).toMatchObject({ kind: 'refused' });
      }
      expect((await b.postgres.look(LOOK)).server).toMatchObject({ kind: 'standby' });
    });

    test('a dead postmaster is noticed at once; its backends are orphans until they are ended', async () => {
      const a = await bootstrapped(world, 'a');
      let disturbed = false;
      a.postgres.onDisturbance(() => (disturbed = true));
      await a.postgres.look(LOOK);
      await a.keepBackendBusy();
      await a.killPostmaster();
      await eventually(() => disturbed);

      const report = await a.postgres.look(LOOK);
      expect(report).toMatchObject({ process: { kind: 'orphaned' }, server: { kind: 'down' } });
      expect(await run(a, startAlone(a))).toMatchObject({ kind: 'refused' });
      expect(
        await run(a, { kind: 'rewind', from: a.upstream(a.name), options: [], patience: seconds(10) }),
      ).toMatchObject({
        kind: 'refused',
      });
      expect(await run(a, { kind: 'end-orphans' })).toEqual({ kind: 'done' });
      expect((await a.postgres.look(LOOK)).process).toEqual({ kind: 'none' });
      expect(await run(a, startAlone(a))).toEqual({ kind: 'done' });
      expect((await a.postgres.look(LOOK)).server).toMatchObject({ kind: 'primary', timeline: 1 });
    });

    test('a postmaster that lives is no orphan', async () => {
      const a = await bootstrapped(world, 'a');
      expect(await run(a, { kind: 'end-orphans' })).toMatchObject({ kind: 'refused' });
      expect(await run(a, startAlone(a))).toMatchObject({ kind: 'refused' });
      expect((await a.postgres.look(LOOK)).server).toMatchObject({ kind: 'primary' });
    });

    test('a backend that does not end holds up a fast stop until its time is over; then it is made to end', async () => {
      const a = await bootstrapped(world, 'a');
      await a.stickBackend();
      const stop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: millis(1_000) } as const;
      expect(await run(a, stop)).toEqual({ kind: 'done' });
      const report = await a.postgres.look(LOOK);
      expect(report).toMatchObject({ process: { kind: 'none' }, server: { kind: 'down' } });
      expect(controlOf(report).state).not.toBe('shut down');
    });

    test('a server that hangs is alive and silent, and goes on where it was', async () => {
      const { a, b } = await primaryAndStandby(world);
      await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      await a.postgres.look(LOOK);
      await a.suspend();
      expect(await a.postgres.look(LOOK)).toMatchObject({ process: { kind: 'running' }, server: { kind: 'silent' } });
      expect(await ask(b, a)).toMatchObject({ kind: 'no-answer' });
      expect((await b.postgres.look(LOOK)).server).toMatchObject({ walReceiver: { status: 'streaming' } });
      await a.resume();
      await seen(a, (report) => report.server.kind === 'primary' && report.server.timeline === 1);
    });

    test('nothing is promoted by a server that hangs; it ends by force alone', async () => {
      const { b } = await primaryAndStandby(world);
      await seen(b, (report) => walReceiverStatus(report) === 'streaming');
      await b.suspend();
      expect(await run(b, promotion)).toMatchObject({ kind: 'failed' });
      const stop = { kind: 'stop', mode: 'immediate', checkpointFirst: false, timeout: millis(500) } as const;
      expect(await run(b, stop)).toEqual({ kind: 'done' });
      expect(await b.postgres.look(LOOK)).toMatchObject({
        dataDirectory: { kind: 'present', signal: 'standby' },
        process: { kind: 'none' },
      });
    });

    test('crash recovery leaves a cleanly shut down directory', async () => {
      const a = await bootstrapped(world, 'a');
      await a.commit();
      await a.killPostmaster();
      expect(await run(a, { kind: 'end-orphans' })).toEqual({ kind: 'done' });
      expect(await run(a, { kind: 'crash-recovery' })).toEqual({ kind: 'done' });
      expect(controlOf(await a.postgres.look(LOOK)).state).toBe('shut down');
    });

    test('a stopped primary starts as a standby that follows nobody, and is read-only', async () => {
      const a = await bootstrapped(world, 'a');
      await run(a, fastStop);
      const desired = { ...a.desired(null), standby: { upstream: null, slot: null, recovery: {} } };
      expect(await run(a, { kind: 'start', desired, timeout: START })).toEqual({ kind: 'done' });
      expect((await a.postgres.look(LOOK)).server).toMatchObject({ kind: 'standby', upstream: null });
      expect(await run(a, { kind: 'restart', desired: a.desired(null), timeout: START })).toEqual({ kind: 'done' });
      expect((await a.postgres.look(LOOK)).server).toMatchObject({ kind: 'primary' });
    });

    test('a primary restarts only while its lease lasts: else it stays down', async () => {
      const a = await bootstrapped(world, 'a');
      const restart = { kind: 'restart', desired: a.desired(null), timeout: START, safety: millis(1_300) } as const;
      const first = (await a.postgres.look(LOOK)).process;
      expect(await run(a, restart)).toEqual({ kind: 'done' });
      const again = await a.postgres.look(LOOK);
      expect(again.server).toMatchObject({ kind: 'primary', timeline: 1 });
      expect(again.process).not.toEqual(first);

      const ended = { ...a.context().leaseNow(), deadline: null };
      const refused = await a.postgres.run(restart, a.context({ leaseNow: () => ended }));
      expect(refused).toMatchObject({ kind: 'refused' });
      const report = await a.postgres.look(LOOK);
      expect([report.process.kind, controlOf(report).state]).toEqual(['none', 'shut down']);
    });

    test('slots are created, left alone while in use, and dropped', async () => {
      const { a, b } = await primaryAndStandby(world);
      const own = slotNameOf(b.name);
      await seen(a, (report) => slots(report).some((slot) => slot.name === own && slot.active));
      const spare = slotNameOf(a.name);
      expect(await a.postgres.manageSlots({ ...noSlotChange, create: [spare, own] })).toEqual({ kind: 'done' });
      expect(await a.postgres.manageSlots({ ...noSlotChange, drop: [spare, own] })).toMatchObject({
        kind: 'failed',
      });
      expect(slots(await a.postgres.look(LOOK)).map((slot) => slot.name)).toEqual([own]);
    });

    test('a logical slot is made on a primary alone, and comes to a standby by a copy and a restart', async () => {
      const { a, b } = await primaryAndStandby(world);
      const cdc = { name: slotName('cdc'), database: 'postgres', plugin: 'test_decoding' };
      expect(await b.postgres.manageSlots({ ...noSlotChange, createLogical: [cdc] })).toMatchObject({ kind: 'failed' });
      expect(await a.postgres.manageSlots({ ...noSlotChange, createLogical: [cdc] })).toEqual({ kind: 'done' });
      const [there] = logicalSlots(await a.postgres.look(LOOK));
      expect(there).toMatchObject(cdc);

      const before = (await b.postgres.look(LOOK)).process;
      const task = { kind: 'copy-slots', from: a.upstream(b.name), slots: [cdc], ...toCopy(b, a) } as const;
      const absent = { ...cdc, name: slotName('nowhere') };
      expect(await run(b, { ...task, slots: [absent] })).toMatchObject({ kind: 'refused' });
      expect((await b.postgres.look(LOOK)).process).toEqual(before);

      // What its consumer has is replayed on the standby at some moment.
      await eventually(async () => (await run(b, task)).kind === 'done');
      expect((await b.postgres.look(LOOK)).process).not.toEqual(before);
      const [here] = logicalSlots(await b.postgres.look(LOOK));
      expect(here).toMatchObject({ ...cdc, active: false, confirmedFlushLsn: there?.confirmedFlushLsn });

      await a.commit();
      const moved = await seen(b, (report) => replayed(report) > (there?.confirmedFlushLsn ?? 0n));
      const to = replayed(moved);
      const advanceLogical = [{ name: cdc.name, database: cdc.database, to }];
      expect(await b.postgres.manageSlots({ ...noSlotChange, advanceLogical })).toEqual({ kind: 'done' });
      const [now] = logicalSlots(await b.postgres.look(LOOK));
      expect(now?.confirmedFlushLsn ?? 0n).toBeGreaterThan(there?.confirmedFlushLsn ?? 0n);
      expect(await b.postgres.manageSlots({ ...noSlotChange, drop: [cdc.name] })).toEqual({ kind: 'done' });
      expect(logicalSlots(await b.postgres.look(LOOK))).toEqual([]);
    });

    test('removed data leaves an empty directory; running data is not removed', async () => {
      const a = await bootstrapped(world, 'a');
      expect(await run(a, { kind: 'remove-data', allowedBy: 'test' })).toMatchObject({ kind: 'refused' });
      await run(a, fastStop);
      expect(await run(a, { kind: 'remove-data', allowedBy: 'test' })).toEqual({ kind: 'done' });
      expect((await a.postgres.look(LOOK)).dataDirectory).toEqual({ kind: 'empty' });
    });

    test('data set aside is out of the way', async () => {
      const a = await bootstrapped(world, 'a');
      await run(a, fastStop);
      expect(await run(a, { kind: 'set-aside-data' })).toEqual({ kind: 'done' });
      expect((await a.postgres.look(LOOK)).dataDirectory).toEqual({ kind: 'empty' });
    });

    test('a task that is cancelled before it begins does nothing', async () => {
      const a = await world.member('a');
      const context = a.context({ signal: AbortSignal.abort() });
      expect(await a.postgres.run({ kind: 'bootstrap', desired: a.desired(null) }, context)).toEqual({
        kind: 'cancelled',
      });
      expect((await a.postgres.look(LOOK)).process).toEqual({ kind: 'none' });
    });
  });
}

const fastStop: PostgresTask = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null };
const promotion: PostgresTask = { kind: 'promote', safety: millis(1_000) };

function startAlone(member: PostgresWorldMember): PostgresTask {
  return { kind: 'start', desired: member.desired(null), timeout: START };
}

function start(member: PostgresWorldMember, upstream: PostgresWorldMember): PostgresTask {
  return { kind: 'start', desired: member.desired(upstream.upstream(member.name)), timeout: START };
}

async function run(member: PostgresWorldMember, task: PostgresTask): Promise<TaskOutcome> {
  return member.postgres.run(task, member.context());
}

async function ask(member: PostgresWorldMember, upstream: PostgresWorldMember) {
  const own = ownWal(await member.postgres.look(LOOK));
  return member.postgres.askHistory({
    upstream: upstream.upstream(member.name),
    member: upstream.name,
    own,
    limit: LOOK,
  });
}

function toCopy(member: PostgresWorldMember, from: PostgresWorldMember) {
  return { desired: member.desired(from.upstream(member.name)), stopTimeout: seconds(10), timeout: START };
}

function logicalSlots(report: PostgresReport) {
  return slots(report).filter(({ type }) => type === 'logical');
}

async function bootstrapped(world: PostgresWorld, name: string): Promise<PostgresWorldMember> {
  const member = await world.member(name);
  expect(await run(member, { kind: 'bootstrap', desired: member.desired(null) })).toMatchObject({ kind: 'done' });
  return member;
}

async function primaryAndStandby(world: PostgresWorld) {
  const a = await bootstrapped(world, 'a');
  const b = await world.member('b');
  await a.postgres.manageSlots({ ...noSlotChange, create: [slotNameOf(b.name)] });
  expect(
    await run(b, {
      kind: 'clone',
      from: a.upstream(b.name),
      methods: [{ kind: 'basebackup', options: [] }],
      patience: seconds(10),
    }),
  ).toEqual({
    kind: 'done',
  });
  expect((await b.postgres.look(LOOK)).dataDirectory).toMatchObject({ kind: 'present', signal: 'standby' });
  expect(await run(b, start(b, a))).toEqual({ kind: 'done' });
  return { a, b };
}

/** One more standby, with its own slot where it follows. */
async function standbyOf(
  world: PostgresWorld,
  wanted: { readonly name: string; readonly copyOf: PostgresWorldMember; readonly follows: PostgresWorldMember },
): Promise<PostgresWorldMember> {
  const { copyOf: source, follows } = wanted;
  const member = await world.member(wanted.name);
  const slot = { ...noSlotChange, create: [slotNameOf(member.name)] };
  expect(await follows.postgres.manageSlots(slot)).toEqual({ kind: 'done' });
  expect(
    await run(member, {
      kind: 'clone',
      from: source.upstream(member.name),
      methods: [{ kind: 'basebackup', options: [] }],
      patience: seconds(10),
    }),
  ).toEqual({ kind: 'done' });
  expect(await run(member, start(member, follows))).toEqual({ kind: 'done' });
  return member;
}

async function seen(member: PostgresWorldMember, wanted: (report: PostgresReport) => boolean): Promise<PostgresReport> {
  let last = await member.postgres.look(LOOK);
  await eventually(async () => {
    last = await member.postgres.look(LOOK);
    return wanted(last);
  });
  return last;
}

/** Asks again and again, letting everything else run in between. @throws When it does not come true in time. */
async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: SOON_MS, interval: 50 }).toBe(true);
}

function controlOf(report: PostgresReport) {
  if (report.dataDirectory.kind !== 'present' || report.dataDirectory.control === null) {
    throw new Error('no control data');
  }
  return report.dataDirectory.control;
}

function walReceiverStatus(report: PostgresReport): string | null {
  return report.server.kind === 'standby' ? (report.server.walReceiver?.status ?? null) : null;
}

function timelineOf(report: PostgresReport): number | null {
  return report.server.kind === 'standby' ? report.server.timeline : null;
}

function received(report: PostgresReport): Lsn {
  const position = report.server.kind === 'standby' ? report.server.receiveLsn : null;
  if (position === null) throw new Error('it has received nothing');
  return position;
}

function replayed(report: PostgresReport): Lsn {
  const position = report.server.kind === 'standby' ? report.server.replayLsn : null;
  if (position === null) throw new Error('it has replayed nothing');
  return position;
}

function flushed(report: PostgresReport): Lsn {
  if (report.server.kind !== 'primary') throw new Error('no primary');
  return report.server.flushLsn;
}

function walSenders(report: PostgresReport) {
  return report.server.kind === 'primary' || report.server.kind === 'standby' ? report.server.walSenders : [];
}

function slots(report: PostgresReport) {
  return report.server.kind === 'primary' || report.server.kind === 'standby' ? report.server.slots : [];
}
