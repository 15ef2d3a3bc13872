import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMachineClock } from '../../src/adapters/clock/machine-clock.ts';
import { endStrayGuardians, guardiansOf } from '../../src/adapters/linux-processes/stray-guardians.ts';
import type { LeaseReport } from '../../src/domain/lease.ts';
import { millis, seconds } from '../../src/domain/time.ts';
import { startHeartbeat } from '../../src/heartbeat/driver/start-heartbeat.ts';
import type { HeartbeatCommand, LockCommandOutcome } from '../../src/ports/heartbeat.ts';
import type { HeartbeatLink } from '../../src/ports/heartbeat-link.ts';
import { loadAgentConfig } from '../../src/wire/config/load.ts';
import { Etcd } from '../support/etcd.ts';
import { until } from '../support/wait.ts';

const TTL = seconds(5);
const SOON = { withinMs: 20_000 } as const;
const LEADER = '/service/beat/leader';
const clock = createMachineClock();
const program = (name: string) => new URL(`../../src/main/${name}-entry.ts`, import.meta.url);

/** The heartbeat's thread as the agent starts it, with a guardian's process and a real etcd. */
describe('the heartbeat thread', () => {
  let etcd: Etcd;
  let folder: string;
  let beats: Beat[];

  beforeAll(async () => {
    etcd = await Etcd.start({ members: 3 });
  });
  afterAll(async () => {
    await etcd.stop();
  });
  beforeEach(async () => {
    await etcd.healthy();
    await etcd.ctl('del', '', '--from-key=true');
    folder = mkdtempSync(join(tmpdir(), 'matriarch-beat-'));
    process.env['MATRIARCH_RUNTIME_DIR'] = join(folder, 'run');
    beats = [];
  });
  afterEach(async () => {
    for (const beat of beats) await beat.link.close();
    endStrayGuardians(join(folder, 'data'));
    rmSync(folder, { recursive: true, force: true });
  });

  function start(): Beat {
    const beat = new Beat(configText(etcd.endpoints, folder));
    beats.push(beat);
    return beat;
  }

  it('takes the lock, proves it on and on, and gives it up', async () => {
    const beat = start();
    const held = await beat.acquired();
    expect(await etcd.ctl('get', LEADER, '--print-value-only')).toBe('a\n');
    await beat.deadlineAfter(held.deadline);
    beat.send({ kind: 'release', createRevision: held.createRevision, status: null });

    expect(await beat.answer()).toEqual({ kind: 'released' });
    expect(await etcd.ctl('get', LEADER)).toBe('');
    expect(beat.link.leaseNow().deadline).toBeNull();
  });

  it('goes on while the thread of the agent is stuck', async () => {
    const beat = start();
    await beat.acquired();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TTL + 1_000);

    const { deadline, guardianReady } = beat.link.leaseNow();
    expect(deadline).toBeGreaterThan(clock.now());
    expect(guardianReady).toBe(true);
  });

  it('keeps the lock when the member of etcd that leads is killed', async () => {
    const beat = start();
    const { createRevision } = await beat.acquired();
    const leader = await until('etcd has a leader', SOON, () => etcd.leader());
    await etcd.kill(leader);
    // No proof from before the kill reaches that far.
    await beat.deadlineAfter(clock.now() + TTL);
    await etcd.revive(leader);

    expect(beat.reports.every(({ lock }) => lock.kind !== 'doubtful')).toBe(true);
    expect(beat.reports.at(-1)?.lock).toMatchObject({ kind: 'held', createRevision });
  });

  it('replaces a guardian that is killed, and says when the agent itself is wedged', async () => {
    const beat = start();
    await beat.acquired();
    expect(endStrayGuardians(join(folder, 'data'))).toHaveLength(1);
    await beat.logged('guardian-lost');
    await until('another guardian is ready', SOON, () => beat.link.leaseNow().guardianReady);
    const again = beat.link.leaseNow().deadline ?? 0;
    await beat.deadlineAfter(again);

    beat.send({ kind: 'configure', ttl: TTL, steppedWithin: millis(0), paused: false });
    await until('the lock is gone', SOON, async () => (await etcd.ctl('get', LEADER)) === '');
    expect(beat.link.leaseNow().deadline).toBeNull();
  });

  it('makes the directory for the socket of the next guardian again, where that has gone', async () => {
    const beat = start();
    await beat.acquired();
    rmSync(join(folder, 'run'), { recursive: true });
    endStrayGuardians(join(folder, 'data'));
    await beat.logged('guardian-lost');
    await until('another guardian is ready', SOON, () => beat.link.leaseNow().guardianReady);
    await beat.deadlineAfter(beat.link.leaseNow().deadline ?? 0);
  });

  it('is followed by the next one, which adopts lock and guardian', async () => {
    const first = start();
    const { createRevision } = await first.acquired();
    await first.link.close(); // without an `end`: as if the agent had died
    const second = start();
    await second.configured();
    second.send({ kind: 'adopt', createRevision, modRevision: createRevision });

    expect(await second.answer()).toMatchObject({ kind: 'held', createRevision });
    expect(guardiansOf(join(folder, 'data'))).toHaveLength(1);
  });

  it('takes its guardian along when the agent leaves for good', async () => {
    const beat = start();
    await beat.configured();
    expect(guardiansOf(join(folder, 'data'))).toHaveLength(1);
    beat.send({ kind: 'end' });
    await beat.link.close();

    await until('the guardian has ended', SOON, () => guardiansOf(join(folder, 'data')).length === 0);
    expect(beat.broken).toEqual([]);
  });
});

class Beat {
  readonly reports: LeaseReport[] = [];
  readonly broken: string[] = [];
  readonly events: string[] = [];
  readonly link: HeartbeatLink;
  readonly #answers = new Map<number, LockCommandOutcome>();
  #sent = 0;

  constructor(text: string) {
    const loaded = loadAgentConfig({ files: [{ text, path: 'test' }], environment: {} });
    if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
    this.link = startHeartbeat({
      setup: { config: loaded.config, prefix: '/service/beat/', retryTimeout: seconds(1), trace: null },
      programs: { heartbeat: program('heartbeat'), guardian: program('guardian') },
      log: { write: (_level, event) => void this.events.push(event) },
      listeners: {
        report: (report) => void this.reports.push(report),
        answer: (id, outcome) => void this.#answers.set(id, outcome),
        storeAnswered: () => undefined,
        broken: (reason) => void this.broken.push(reason),
      },
    });
  }

  send(command: HeartbeatCommand): void {
    this.#sent += 1;
    this.link.command(this.#sent, command);
  }

  answer(): Promise<LockCommandOutcome> {
    const id = this.#sent;
    return until(`command ${id} is answered`, SOON, () => this.#answers.get(id));
  }

  async configured(): Promise<void> {
    this.send({ kind: 'configure', ttl: TTL, steppedWithin: seconds(600), paused: false });
    await until('a lease and a guardian', SOON, () => {
      const last = this.reports.at(-1);
      return last?.lease !== null && last?.guardian === 'ready';
    });
  }

  async acquired(): Promise<Extract<LockCommandOutcome, { readonly kind: 'held' }>> {
    await this.configured();
    this.send({ kind: 'acquire' });
    const outcome = await this.answer();
    if (outcome.kind !== 'held') throw new Error(JSON.stringify(outcome));
    return outcome;
  }

  async deadlineAfter(instant: number): Promise<void> {
    await until('a later deadline', SOON, () => (this.link.leaseNow().deadline ?? 0) > instant);
  }

  async logged(event: string): Promise<void> {
    await until(`${event} is logged`, SOON, () => this.events.includes(event));
  }
}

function configText(endpoints: readonly string[], folder: string): string {
  return JSON.stringify({
    name: 'a',
    scope: 'beat',
    etcd3: { hosts: endpoints },
    restapi: { listen: '127.0.0.1:8008', connect_address: '127.0.0.1:8008' },
    postgresql: {
      listen: '127.0.0.1:5432',
      connect_address: '127.0.0.1:5432',
      data_dir: join(folder, 'data'),
      authentication: { superuser: { username: 'postgres' }, replication: { username: 'replicator' } },
    },
  });
}
