import { describe, expect, test } from 'vitest';
import { type Difference, decided, leader, replica } from '../../test/support/observations.ts';
import {
  A,
  branch,
  C,
  cleanPlace,
  doubtful,
  idleStandby,
  LOCK,
  NOW,
  peer,
  primaryAnswer,
  requested,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import { memberName } from '../domain/names.ts';
import { earlier, seconds } from '../domain/time.ts';
import { desiredStandby } from './desired-postgres.ts';
import { publishedMember } from './published-member.ts';
import { remember } from './remember.ts';
import { remoteUpstream } from './remote-source.ts';
import { upkeep } from './upkeep.ts';

const section = { host: '10.9.0.1', port: 5433, primary_slot_name: 'theirs' };
const dynamic = { standby_cluster: section };
const REMOTE = memberName('remote_member:10.9.0.1:5433');
const fromRemote = { host: '10.9.0.1', port: 5433, slot: null };
const streaming = standbyAnswer({ upstream: fromRemote });
const isDown = { server: { kind: 'down' }, process: { kind: 'none' } } as const;
const fits = { kind: 'fits', leader: REMOTE, leaderTimeline: branch(3) } as const;

/** `a` leads the standby cluster and streams from the remote. */
function standbyLeader(difference: Difference = {}) {
  const situation = leader({
    server: streaming,
    directory: { signal: 'standby' },
    ...difference,
    dynamic: { ...dynamic, ...difference.dynamic },
    memory: { role: 'standby_leader', reign: null, divergence: fits, ...difference.memory },
  });
  const applied = difference.memory?.applied;
  const desired = desiredStandby(situation.o, remoteUpstream(situation.o));
  return { ...situation, m: { ...situation.m, applied: applied === undefined ? desired : applied } };
}

describe('the leader of a standby cluster', () => {
  table(decided, standbyLeader, [
    ['Y3: it follows the remote primary and is not promoted', {}, stays('lead-standby-cluster')],
    [
      'W-c, CC178, S21: a primary there is stopped in good order and its last WAL archived; the lock stays',
      { server: primaryAnswer(), directory: { signal: 'none' }, memory: { role: 'primary' } },
      runs('demote-cluster', { kind: 'stop', mode: 'fast', checkpointFirst: true, archiveLast: true }),
    ],
    [
      'S21: so is one that somebody promoted by hand without the lock',
      { server: primaryAnswer(), lock: { kind: 'not-held' }, view: { lock: null } },
      runs('demote-cluster', { kind: 'stop', archiveLast: false }),
    ],
    [
      'H2: nor is the lock given up during a pause, since a standby holds it rightly',
      { dynamic: { ...dynamic, pause: true } },
      stays('lead-standby-cluster'),
    ],
    [
      'what does not stream asks the remote whether it still fits',
      { server: idleStandby({ upstream: fromRemote }) },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: { host: '10.9.0.1', port: 5433 } }),
    ],
    [
      'a remote that is away is waited for, and the reason is told',
      {
        server: idleStandby({ upstream: fromRemote }),
        observation: {
          leaderHistory: { kind: 'no-answer', member: REMOTE, askedAt: NOW, reason: 'connection refused' },
        },
      },
      { rule: 'lead-standby-cluster', action: { kind: 'stay' }, facts: { why: 'connection refused' } },
    ],
    [
      'what the remote is known to have parted from stops, to be rewound',
      { memory: { divergence: { kind: 'diverged', leader: REMOTE, leaderTimeline: branch(4), why: 'beyond' } } },
      runs('stop-to-rewind', { kind: 'stop' }),
    ],
    [
      'a standby that follows nobody yet asks before it follows',
      { server: idleStandby({ upstream: null }), memory: { divergence: { kind: 'unchecked' } } },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
    [
      'and then follows, with the configured slot',
      { server: idleStandby({ upstream: null }) },
      concludes('change-upstream', {
        kind: 'reconfigure',
        desired: { standby: { upstream: { host: '10.9.0.1', port: 5433 }, slot: 'theirs' } },
      }),
    ],
    [
      'Y7: a switchover stops it in good order',
      {
        view: { failover: requested({ candidate: null }) },
        peers: [peer('b'), peer('c')],
        observation: { peersAskedAt: NOW },
      },
      runs('switchover-accepted', { kind: 'stop' }),
    ],
    [
      'Y7, P1: a request is left alone during a pause',
      { dynamic: { ...dynamic, pause: true }, view: { failover: requested() }, peers: [peer('b')] },
      stays('lead-standby-cluster'),
    ],
    [
      'its lock in doubt stops nothing: it cannot write',
      { lock: doubtful() },
      concludes('adopt-own-lock', { kind: 'adopt-lock' }),
    ],
  ]);
});

test('W-c: during a pause no primary is stopped', () => {
  const isPaused = { ...dynamic, pause: true };
  const { action } = decided(
    standbyLeader({
      dynamic: isPaused,
      server: primaryAnswer(),
      directory: { signal: 'none' },
      memory: { role: 'primary' },
    }),
  );
  expect(action.kind).not.toBe('run');
});

describe('promote-cluster', () => {
  const ended = { dynamic: { standby_cluster: null } };
  table(decided, standbyLeader, [
    [
      'CC179, Y4: without the section the holder is promoted',
      { ...ended, memory: { role: 'replica' } },
      runs('promote', { kind: 'promote' }),
    ],
    [
      'not before a guardian is armed, which rested until now',
      { ...ended, memory: { role: 'replica' }, lease: { guardian: 'absent' } },
      waits('lease-too-short-to-promote'),
    ],
  ]);

  test('everybody is asked again before it, however long ago the lock was won', () => {
    const { o, m } = standbyLeader(ended);
    const next = remember(m, o, { kind: 'view', gapless: true });
    expect(next).toMatchObject({ role: 'replica', acquired: { at: NOW, how: 'adopted' } });
    expect(decided({ o, m: next })).toMatchObject({ rule: 'recheck-after-acquire' });
  });
});

test('what an earlier agent rewound, and its leader cannot start, is beyond rewinding (seed 31057272)', () => {
  const backoff = { until: earlier(NOW, seconds(1)), failures: 2, reason: '', span: seconds(1) };
  const { o, m } = standbyLeader({
    ...isDown,
    directory: { signal: 'standby', hasBackupLabel: true },
    control: { state: 'in archive recovery' },
    memory: { divergence: { kind: 'unchecked' }, backoffs: new Map([['start-fresh-copy', backoff]]) },
    view: { members: [] },
  });
  const end = { kind: 'failed', reason: 'no checkpoint record' } as const;
  const next = remember(m, o, { kind: 'ended', decision: decided({ o, m }), end });
  expect(next).toMatchObject({ divergence: { kind: 'rewind-failed', leader: REMOTE, attempts: 3 } });
});

describe('bootstrap of a standby cluster (B1)', () => {
  const won = (difference: Difference) =>
    leader({
      dynamic,
      server: { kind: 'down' },
      process: { kind: 'none' },
      directory: { kind: 'empty' },
      ...difference,
      view: { initialize: { kind: 'in-progress', modRevision: LOCK }, ...cleanPlace, ...difference.view },
      memory: { bootstrap: { kind: 'won', keyRevision: LOCK }, ...difference.memory },
    });
  table(decided, won, [
    [
      'the remote primary is copied under the lock',
      {},
      runs('copy-remote', { kind: 'clone', from: { host: '10.9.0.1' } }),
    ],
  ]);
  table(
    decided,
    (difference: Difference) =>
      replica({
        dynamic,
        server: { kind: 'down' },
        process: { kind: 'none' },
        directory: { kind: 'empty' },
        ...difference,
      }),
    [
      [
        'the other members copy the standby leader',
        { members: { a: { role: 'standby_leader' } } },
        runs('copy-from-leader', { kind: 'clone', from: { member: A } }),
      ],
      ['and wait until it is one', {}, waits('wait-for-leader')],
    ],
  );
});

describe('what PostgreSQL’s files say', () => {
  const files = (difference: Difference) => {
    const { o } = standbyLeader(difference);
    return desiredStandby(o, remoteUpstream(o)).standby;
  };
  table(files, (difference: Difference) => difference, [
    [
      'CC181, PG-42: without primary_slot_name no slot is used',
      { dynamic: { standby_cluster: { host: 'h' } } },
      { slot: null, upstream: { host: 'h', port: 5432 } },
    ],
    [
      'Y2, PG-42: of several hosts, with a slot, the primary is meant',
      { dynamic: { standby_cluster: { host: 'x,y', primary_slot_name: 's' } } },
      { slot: 's', upstream: { host: 'x,y', readWrite: true } },
    ],
    [
      'an archive and a delay of the other cluster',
      { dynamic: { standby_cluster: { host: 'h', restore_command: 'cp', recovery_min_apply_delay: '5min' } } },
      { recovery: { restore_command: 'cp', recovery_min_apply_delay: '5min' } },
    ],
  ]);

  test('Y2: without a slot any of several hosts will do', () => {
    const { o } = standbyLeader({ dynamic: { standby_cluster: { host: 'x,y' } } });
    expect(remoteUpstream(o)).not.toHaveProperty('readWrite');
  });

  test('the other members stay behind on purpose only as far as their leader does', () => {
    const { o } = replica({
      dynamic: { standby_cluster: { host: 'h', restore_command: 'cp', recovery_min_apply_delay: '5min' } },
    });
    const upstream = { member: C, host: '10.0.0.3', port: 5432, database: 'postgres', applicationName: 'b' };
    expect(desiredStandby(o, upstream).standby?.recovery).toEqual({ restore_command: 'cp' });
  });
});

describe('what a standby leader publishes', () => {
  test('its role, and for ever that nobody rewinds from it', () => {
    const { o, m } = standbyLeader();
    expect(publishedMember(o, m)).toMatchObject({ role: 'standby_leader', checkpoint_after_promote: false });
  });

  test('its position in status, and no history', () => {
    const { o, m } = standbyLeader({ view: { history: { kind: 'lines', lines: [], modRevision: LOCK } } });
    const names = upkeep(o, m, new Map()).map(({ name }) => name);
    expect(names).toContain('status');
    expect(names).not.toContain('history');
    expect(names).not.toContain('own-history');
  });

  test('what the history tells of the time before is void, also while PostgreSQL is down', () => {
    const { o, m } = standbyLeader(isDown);
    const history = upkeep(o, m, new Map()).find(({ name }) => name === 'history');
    expect(history).toMatchObject({ kind: 'write', write: { action: { value: { json: [] } } } });
  });

  const parted = { divergence: { kind: 'diverged', leader: REMOTE, leaderTimeline: branch(3), why: '' } } as const;
  const unusable = { divergence: { kind: 'rewind-failed', leader: REMOTE, attempts: 3, why: '' } } as const;
  test.each([
    ['while it runs', standbyLeader({ memory: parted })],
    ['while PostgreSQL is down', standbyLeader({ ...isDown, memory: parted })],
    ['where nothing helps but a copy', standbyLeader({ ...isDown, memory: unusable })],
  ])('so is the position of what has parted from the remote: %s (seed 31057272)', (_when, { o, m }) => {
    const status = upkeep(o, m, new Map()).filter(({ name }) => name === 'status');
    expect(status).toMatchObject([
      { write: { action: { value: { json: expect.not.objectContaining({ optime: expect.anything() }) } } } },
    ]);
  });

  test('but not while nothing shows that it has parted', () => {
    const { o, m } = standbyLeader({ ...isDown, memory: { divergence: { kind: 'unchecked' } } });
    expect(upkeep(o, m, new Map()).map(({ name }) => name)).not.toContain('status');
  });
});
