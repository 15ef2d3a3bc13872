import { describe, expect, test } from 'vitest';
import { leaderSnapshot, NOW, replicaSnapshot, type SnapshotChange } from '../../test/support/node-snapshot.ts';
import { memberRole, memberState } from './member-state.ts';
import type { DataDirectory } from './postgres-report.ts';
import type { PostgresTask } from './task.ts';
import { seconds } from './time.ts';

function seen(change: SnapshotChange, make = replicaSnapshot): readonly string[] {
  const { observation, memory } = make(change);
  return [memberState(observation, memory), memberRole(observation, memory)];
}

function during(task: PostgresTask, change: SnapshotChange = {}): readonly string[] {
  return seen({ ...change, observation: { task: { id: 1, task, since: NOW, note: null, cancelling: false } } });
}

const stopped: SnapshotChange = { server: { kind: 'down' }, process: { kind: 'none' } };

describe('what PostgreSQL does', () => {
  test.each([
    ['running, when it answers', seen({}), ['running', 'replica']],
    [
      'running, when it is only slow to answer',
      seen({ server: { kind: 'silent', since: NOW } }),
      ['running', 'replica'],
    ],
    ['starting, when it rejects connections', seen({ server: { kind: 'rejecting' } }), ['starting', 'replica']],
    [
      'starting, when there is a process and no socket yet',
      seen({ server: { kind: 'down' } }),
      ['starting', 'replica'],
    ],
    ['stopped, when nothing is left', seen(stopped), ['stopped', 'replica']],
    [
      'crashed, when it vanished by itself',
      seen({ ...stopped, memory: { crash: { since: NOW, attempts: 0 } } }, leaderSnapshot),
      ['crashed', 'primary'],
    ],
    [
      'crashed, when processes outlived their postmaster',
      seen({ server: { kind: 'down' }, process: { kind: 'orphaned', processCount: 3 } }),
      ['crashed', 'replica'],
    ],
    ['unknown, before the first look', seen({ observation: { postgres: null } }), ['unknown', 'replica']],
  ])('is %s', (_case, found, expected) => expect(found).toEqual(expected));

  test('a task says it where the server cannot', () => {
    const stop = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null } as const;
    const standby = { upstream: null, slot: null, recovery: {} };
    const desired = { parameters: {}, hba: null, ident: null, standby };
    const startAlone = { kind: 'start', desired, timeout: seconds(10) } as const;
    const from = { member: 'n1', host: 'h', port: 5432, database: 'postgres', applicationName: 'n2' };

    expect(during(stop)).toEqual(['stopping', 'replica']);
    expect(during(startAlone, { ...stopped, memory: { role: 'primary' } })).toEqual(['starting', 'replica']);
    expect(
      during({ kind: 'clone', from, methods: [{ kind: 'basebackup', options: [] }], patience: seconds(10) }, stopped),
    ).toEqual(['creating replica', 'uninitialized']);
    expect(during({ kind: 'rewind', from, options: [], patience: seconds(10) }, stopped)).toEqual([
      'stopped',
      'replica',
    ]);
  });
});

describe('what this member is', () => {
  test('a server that accepts writes is a primary, whatever is remembered', () => {
    expect(seen({ memory: { role: 'replica' } }, leaderSnapshot)).toEqual(['running', 'primary']);
  });

  test('promoted, from the promotion until the server says primary', () => {
    expect(seen({ memory: { role: 'promoted' } })).toEqual(['running', 'promoted']);
  });

  test('a standby is a replica, whatever it was before', () => {
    expect(seen({ memory: { role: 'demoted' } })).toEqual(['running', 'replica']);
    expect(seen({ memory: { role: 'standby_leader' } })).toEqual(['running', 'replica']);
  });

  test.each([
    ['without a data directory it is uninitialized', { kind: 'empty' }, 'uninitialized'],
    ['one that cannot be read is none', { kind: 'inaccessible', reason: 'EACCES' }, 'uninitialized'],
    ['CC64: a stopped primary nobody remembers was demoted', null, 'demoted'],
  ] as const)('%s', (_case, directory: DataDirectory | null, role) => {
    const { observation, memory } = replicaSnapshot({ ...stopped, memory: { role: 'unknown' } });
    const postgres = observation.postgres;
    const dataDirectory = directory ?? postgres?.dataDirectory;
    if (postgres === null || dataDirectory === undefined) throw new Error('the fixture has looked');

    expect(memberRole({ ...observation, postgres: { ...postgres, dataDirectory } }, memory)).toBe(role);
  });
});
