import { describe, expect, test } from 'vitest';
import {
  leaderSnapshot,
  lsnOf,
  NOW,
  primaryAnswer,
  replicaSnapshot,
  type SnapshotChange,
  standbyAnswer,
  withoutView,
} from '../../../test/support/node-snapshot.ts';
import type { JsonObject } from '../../domain/json.ts';
import { memberName } from '../../domain/names.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import { type Instant, instant } from '../../domain/time.ts';
import { nodeFacts } from './node-facts.ts';
import { nodeStatus } from './node-status.ts';
import { renderSpacedJson } from './spaced-json.ts';

function status(snapshot: NodeSnapshot): JsonObject {
  return nodeStatus(snapshot, nodeFacts(snapshot, NOW));
}

describe('rest-api', () => {
  test('REST-3, REST-4: the document of a healthy replica, byte for byte', () => {
    expect(renderSpacedJson(status(replicaSnapshot()))).toBe(
      '{"state": "running", "postmaster_start_time": "2031-05-04 08:15:00.120000+00:00", "role": "replica", ' +
        '"server_version": 170002, "xlog": {"received_location": 83886176, "replayed_location": 83886176, ' +
        '"replayed_timestamp": null, "paused": false}, "timeline": 4, "replication_state": "streaming", ' +
        '"dcs_last_seen": 1935651600, "database_system_identifier": "7400000000000000001", "patroni": {"version": "4.1.4", "scope": "demo", "name": "n2"}}',
    );
  });

  describe('failsafe_unpromised: the lead is left to nobody', () => {
    const { ttl } = replicaSnapshot().observation.timings;
    const ago = (span: number) => instant(NOW - span);
    const promise = (until: Instant) => ({ to: memberName('n1'), until, slots: new Map() });

    test.each<[string, boolean, SnapshotChange]>([
      ['said in failsafe mode', true, { memory: { startedAt: ago(ttl) } }],
      ['and nowhere else', false, { dynamic: {}, memory: { startedAt: ago(ttl) } }],
      ['W37: not by an agent that may have forgotten it', false, { memory: { startedAt: ago(ttl - 1) } }],
      ['not while a promise lasts', false, { memory: { startedAt: ago(ttl), promise: promise(instant(NOW + 1)) } }],
      ['again after it', true, { memory: { startedAt: ago(ttl), promise: promise(NOW) } }],
    ])('%s', (_, isSaid, change) => {
      const document = status(replicaSnapshot({ dynamic: { failsafe_mode: true }, ...change }));

      expect(document['failsafe_unpromised']).toBe(isSaid ? true : undefined);
    });
  });

  test('REST-3: every field in its place', () => {
    const sender = {
      pid: 1,
      user: 'replicator',
      applicationName: 'n2',
      clientAddress: null,
      state: 'streaming',
      syncState: 'sync',
      syncPriority: 1,
      writeLsn: null,
      flushLsn: null,
      replayLsn: null,
    };
    const pending = { name: 'max_connections', oldValue: '100', newValue: '200' };
    const snapshot = leaderSnapshot({
      server: primaryAnswer({ walSenders: [sender], pendingRestart: [pending] }),
      dynamic: { pause: true },
      tags: { zone: 'a', nosync: false },
      keys: { leader: null },
    });
    const document = status(snapshot);

    expect(Object.keys(document)).toEqual([
      ...['state', 'postmaster_start_time', 'role', 'server_version', 'xlog', 'timeline', 'replication', 'pause'],
      ...['cluster_unlocked', 'dcs_last_seen', 'tags', 'database_system_identifier', 'pending_restart'],
      ...['pending_restart_reason', 'patroni'],
    ]);
    expect(document).toMatchObject({
      replication: [
        {
          usename: 'replicator',
          application_name: 'n2',
          client_addr: null,
          state: 'streaming',
          sync_state: 'sync',
          sync_priority: 1,
        },
      ],
      tags: { zone: 'a' },
      database_system_identifier: '7400000000000000001',
      pending_restart_reason: { max_connections: { old_value: '100', new_value: '200' } },
    });
  });

  test('REST-7: without receiver and archive there is no replication_state', () => {
    expect(status(replicaSnapshot({ server: standbyAnswer({ walReceiver: null }) }))).not.toHaveProperty(
      'replication_state',
    );
  });

  test('REST-8, REST-9: a synchronous standby says of which kind', () => {
    const keys = { sync: { leader: 'n1', quorum: 1, sync_standby: 'N2' } };

    expect(status(replicaSnapshot({ keys, dynamic: { synchronous_mode: true } }))).toMatchObject({
      sync_standby: true,
    });
    const quorum = status(replicaSnapshot({ keys, dynamic: { synchronous_mode: 'quorum' } }));
    expect(quorum).toMatchObject({ quorum_standby: true });
    expect(quorum).not.toHaveProperty('sync_standby');
    expect(status(replicaSnapshot({ keys }))).not.toHaveProperty('sync_standby');
  });

  test('REST-20: without a view the cluster counts as unlocked', () => {
    expect(status(leaderSnapshot({ observation: withoutView }))).toMatchObject({ cluster_unlocked: true });
    expect(status(leaderSnapshot())).not.toHaveProperty('cluster_unlocked');
  });

  test('REST-37: a server that does not answer is unknown and says nothing of its positions', () => {
    const document = status(leaderSnapshot({ server: { kind: 'silent', since: NOW } }));

    expect(document).toMatchObject({ state: 'unknown', role: 'primary' });
    expect(document).not.toHaveProperty('xlog');
    expect(document).not.toHaveProperty('server_version');
  });
});

test('a position beyond 2^53 keeps its digits', () => {
  const server = primaryAnswer({ flushLsn: lsnOf(0xffff_ffff_ffff_fff1n) });

  expect(renderSpacedJson(status(leaderSnapshot({ server })))).toContain('"location": 18446744073709551601');
});

test('a standby that knows no position says no xlog, so that no peer counts it', () => {
  const server = standbyAnswer({ receiveLsn: null, replayLsn: null });

  expect(status(replicaSnapshot({ server }))).not.toHaveProperty('xlog');
});

test('a server that is being stopped is not asked', () => {
  const snapshot = leaderSnapshot({
    observation: {
      task: {
        id: 1,
        task: { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null },
        since: NOW,
        note: null,
        cancelling: false,
      },
    },
  });

  expect(status(snapshot)).toMatchObject({ state: 'stopping' });
  expect(status(snapshot)).not.toHaveProperty('xlog');
});
