import { describe, expect, test } from 'vitest';
import { type Difference, decided, leader, replica } from '../../test/support/observations.ts';
import { held, lockOf, NOW, RUNNING, standbyAnswer, WALL_NOW } from '../../test/support/observed-parts.ts';
import { inMode, KEY_REVISION, voters } from '../../test/support/sync-situation.ts';
import { runs, stays, table } from '../../test/support/table.ts';
import type { Memory } from '../domain/memory.ts';
import type { Order, RestartFilters, ScheduledRestart } from '../domain/orders.ts';
import type { PostgresProcess, ServerAnswer } from '../domain/postgres-report.ts';
import { later, millis, seconds, wallTime } from '../domain/time.ts';
import { decide } from './decide.ts';
import { SYNC_NAMES } from './desired-postgres.ts';
import { remember } from './remember.ts';

const anyServer: RestartFilters = { role: null, olderThan: null, restartPending: null };
const ordered: Order = { kind: 'restart', request: 7, timeout: null, until: later(NOW, seconds(10)), begun: false };
if (RUNNING.kind !== 'running') throw new Error('the fixture runs');
const { pid, startedAt } = RUNNING;

function scheduled(change: Partial<ScheduledRestart> = {}): ScheduledRestart {
  const text = '2026-09-01T12:00:00+00:00';
  return { filters: anyServer, timeout: null, at: WALL_NOW, text, postmaster: { pid, startedAt }, ...change };
}

describe('a restart is ordered', () => {
  const given = (more: Difference = {}): Difference => ({ ...more, memory: { order: ordered, ...more.memory } });
  table(decided, leader, [
    [
      'a primary restarts under its lock',
      given(),
      runs('restart-ordered', { kind: 'restart', desired: { standby: null }, safety: 1_300 }),
    ],
    ['also in a pause', given({ dynamic: { pause: true } }), runs('restart-ordered', { kind: 'restart' })],
    [
      'not when the lease is too short for it',
      given({ lock: held({ deadline: later(NOW, millis(1_500)) }) }),
      stays('lead'),
    ],
    ['not once its time is over', given({ memory: { order: { ...ordered, until: NOW } } }), stays('lead')],
    [
      'what PostgreSQL may take to start is what was asked for',
      given({ memory: { order: { ...ordered, timeout: seconds(5) } } }),
      runs('restart-ordered', { kind: 'restart', timeout: 5_000 }),
    ],
  ]);
  const patient = (server: ServerAnswer) => ({
    server,
    dynamic: { primary_start_timeout: 300 },
    memory: { order: ordered },
  });
  table(decided, replica, [
    [
      'else it is primary_start_timeout',
      patient(standbyAnswer()),
      runs('restart-ordered', { kind: 'restart', timeout: 300_000 }),
    ],
    [
      'but not for a standby that does not come up: it may need another upstream, which nobody gives it meanwhile (seed 31741167)',
      { ...patient({ kind: 'rejecting' }), directory: { signal: 'standby' } },
      runs('restart-ordered', { kind: 'restart', timeout: 60_000 }),
    ],
  ]);
  test('by an agent that was just started, in a synchronous mode: its commits go on waiting for whom they wait', () => {
    const { o, m } = inMode({ mode: 'quorum', key: voters('b'), text: 'ANY 2 (b,c)', keySettled: null });
    const decision = decide(o, { ...m, order: ordered, applied: null });

    expect(decision.rule).toBe('restart-ordered');
    expect(decision.action).toMatchObject({ task: { desired: { parameters: { [SYNC_NAMES]: 'ANY 2 (b,c)' } } } });
  });
  test('where it does not answer, for whom is not known: the key is written as it is, so that what comes late is void', () => {
    const { o, m } = inMode({ mode: 'quorum', key: voters('b'), text: 'ANY 2 (b,c)', keySettled: null });
    const silent = {
      ...o,
      postgres: o.postgres === null ? null : { ...o.postgres, server: { kind: 'rejecting' } as const },
    };
    const doubtful = { ...m, order: ordered, applied: null };

    expect(decide(silent, doubtful)).toMatchObject({
      rule: 'sync-key',
      action: { kind: 'write', write: { key: 'sync' } },
    });
    const settled = { ...doubtful, sync: { ...m.sync, keySettled: KEY_REVISION } };
    expect(decide(silent, settled).rule).toBe('restart-ordered');
  });
  table(decided, replica, [
    [
      'a replica follows the same member afterwards',
      given(),
      runs('restart-ordered', { kind: 'restart', desired: { standby: { upstream: { member: 'a' } } } }),
    ],
    [
      'and goes on following whom it follows while nobody leads',
      given({ view: { lock: null } }),
      runs('restart-ordered', { kind: 'restart', desired: { standby: { upstream: { member: 'a' } } } }),
    ],
  ]);
});

describe('a standby of a cluster that follows another one', () => {
  const dynamic = { standby_cluster: { host: '10.9.0.1', port: 5433 } };
  const remote = { host: '10.9.0.1', port: 5433, slot: null };
  const given = (more: Difference = {}): Difference => ({ ...more, dynamic, memory: { order: ordered } });
  const follows = (upstream: object | null) =>
    runs('restart-ordered', { kind: 'restart', desired: { standby: { upstream } } });
  table(decided, replica, [
    [
      'follows no member afterwards before it asked: that may be copied anew while this one stops (seed 10303338)',
      given(),
      follows(null),
    ],
    [
      'goes on following the remote while nobody leads',
      given({ server: standbyAnswer({ upstream: remote }), view: { lock: null } }),
      follows({ host: '10.9.0.1' }),
    ],
  ]);
});

describe('the leader of a cluster that follows another one', () => {
  const dynamic = { standby_cluster: { host: '10.9.0.1', port: 5433 } };
  const remote = { host: '10.9.0.1', port: 5433, slot: null };
  const standbyLeader = (difference: Difference) =>
    leader({
      server: standbyAnswer({ upstream: remote }),
      directory: { signal: 'standby' },
      ...difference,
      dynamic: { ...dynamic, ...difference.dynamic },
      memory: { role: 'standby_leader', reign: null, order: ordered, ...difference.memory },
    });
  const follows = (upstream: object | null) => ({ kind: 'restart', desired: { standby: { upstream } } }) as const;
  table(decided, standbyLeader, [
    [
      'restarts as any standby, under its lock, and follows the remote again',
      {},
      runs('restart-ordered', follows({ host: '10.9.0.1' })),
    ],
    ['also in a pause', { dynamic: { pause: true } }, runs('restart-ordered', follows({ host: '10.9.0.1' }))],
    [
      'at its time',
      { memory: { order: null, scheduledRestart: scheduled({ filters: { ...anyServer, role: 'standby_leader' } }) } },
      runs('restart-scheduled', follows({ host: '10.9.0.1' })),
    ],
    [
      'however little of its lease is left: it writes nothing',
      { lock: held({ deadline: later(NOW, millis(1_000)) }), lease: { guardian: 'absent' } },
      runs('restart-ordered', follows({ host: '10.9.0.1' })),
    ],
    [
      'one that still follows a member asks before it follows the remote',
      { server: standbyAnswer(), memory: { applied: null } },
      runs('restart-ordered', follows(null)),
    ],
    [
      'where the cluster follows nobody any more it is promoted first',
      { dynamic: { standby_cluster: null }, memory: { role: 'replica' } },
      runs('promote', { kind: 'promote' }),
    ],
  ]);
});

test('CC35: a restart of a primary ends when somebody else has the lock', () => {
  const task = {
    kind: 'restart',
    desired: { parameters: {}, hba: null, ident: null, standby: null },
    timeout: seconds(60),
  } as const;
  const lost = leader({
    task,
    lock: { kind: 'not-held' },
    view: { lock: lockOf('b') },
    process: { kind: 'none' },
    server: { kind: 'down' },
  });

  expect(decided(lost)).toMatchObject({ rule: 'task-overtaken', action: { kind: 'cancel-task' } });
});

describe('a restart is scheduled', () => {
  const given = (change: Partial<ScheduledRestart>, more: Difference = {}): Difference => ({
    ...more,
    memory: { scheduledRestart: scheduled(change) },
  });
  table(decided, leader, [
    ['it is done at its time', given({}), runs('restart-scheduled', { kind: 'restart' })],
    ['not before', given({ at: wallTime(WALL_NOW + 1) }), stays('lead')],
    ['not much later', given({ at: wallTime(WALL_NOW - 15_001) }), stays('lead')],
    ['not in a pause', given({}, { dynamic: { pause: true } }), stays('pause-keep-lock')],
    ['not where its conditions are not met', given({ filters: { ...anyServer, role: 'replica' } }), stays('lead')],
  ]);
  const kept = (change: Partial<ScheduledRestart>, more: Difference = {}): Memory => {
    const { o, m } = leader(given(change, more));
    return remember(m, o, { kind: 'report' });
  };
  const another: PostgresProcess = { kind: 'running', pid: pid + 1, startedAt };

  test('CC126: it is dropped when PostgreSQL was restarted by hand before', () => {
    const tomorrow = { at: wallTime(WALL_NOW + 86_400_000) };

    expect(kept(tomorrow).scheduledRestart).not.toBeNull();
    expect(kept(tomorrow, { process: another }).scheduledRestart).toBeNull();
  });

  test('it is dropped when it came too late, or its conditions are not met at its time', () => {
    expect(kept({ at: wallTime(WALL_NOW - 15_001) }).scheduledRestart).toBeNull();
    expect(kept({ filters: { ...anyServer, role: 'replica' } }).scheduledRestart).toBeNull();
    expect(kept({ at: wallTime(WALL_NOW - 15_001) }, { dynamic: { pause: true } }).scheduledRestart).not.toBeNull();
  });

  test('it is tried once', () => {
    const { o, m } = leader(given({}));
    const started = remember(m, o, { kind: 'started', decision: decided({ o, m }) });

    expect(started.scheduledRestart).toBeNull();
  });
});
