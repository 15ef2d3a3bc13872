import { describe, expect, test } from 'vitest';
import { crashed, leader, replica, type Situation, stopped, winner } from '../../test/support/observations.ts';
import {
  ahead,
  doubtful,
  fromA,
  HEAD,
  idleStandby,
  NOW,
  primaryAnswer,
  standbyAnswer,
  WALL_NOW,
} from '../../test/support/observed-parts.ts';
import { type Expected, table } from '../../test/support/table.ts';
import { earlier, millis, seconds } from '../domain/time.ts';
import { publishedMember } from './published-member.ts';

/** None of these fields. */
function absent(...fields: readonly string[]): Expected {
  return expect.toSatisfy(
    (value: object) => fields.every((each) => !(each in value)),
    `without ${fields.join(', ')}`,
  ) as Expected;
}

describe('what a member publishes of itself (dcs.md 1.6)', () => {
  const member = ({ o, m }: Situation) => publishedMember(o, m);

  test('C-35: a replica says nothing of a checkpoint', () => {
    expect(member(replica({ memory: { checkpoint: { kind: 'pending', since: NOW } } }))).toEqual(
      absent('checkpoint_after_promote'),
    );
  });

  test('a running leader: these fields, in Patroni’s order', () => {
    expect(
      Object.keys(
        member(
          leader({
            dynamic: { pause: true },
            tags: { zone: 'a' },
            memory: { checkpoint: { kind: 'pending', since: NOW } },
          }),
        ),
      ),
    ).toEqual([
      'conn_url',
      'api_url',
      'state',
      'role',
      'version',
      'agent',
      'checkpoint_after_promote',
      'tags',
      'xlog_location',
      'timeline',
      'pause',
    ]);
  });

  table(member, leader, [
    [
      'a primary: its position and timeline',
      {},
      { state: 'running', role: 'primary', xlog_location: HEAD, timeline: 3 },
    ],
    ['nothing that only a standby has', {}, absent('replay_lsn', 'receive_lsn', 'replication_state')],
    [
      'what needs a restart, with the reason',
      { server: primaryAnswer({ pendingRestart: [{ name: 'max_connections', oldValue: '100', newValue: '200' }] }) },
      { pending_restart: true, pending_restart_reason: { max_connections: { old_value: '100', new_value: '200' } } },
    ],
    ['no pending restart when there is none', {}, absent('pending_restart', 'pending_restart_reason', 'pause', 'tags')],
    ['CC3: pause, while it lasts', { dynamic: { pause: true } }, { pause: true }],
    [
      'C-35, PG-67: promoted and not checkpointed',
      { memory: { checkpoint: { kind: 'running', since: NOW } } },
      { checkpoint_after_promote: false },
    ],
    ['C-35: checkpointed: nothing', {}, absent('checkpoint_after_promote')],
    [
      'what names no timeline may arrive when there is another one, and be taken for that (seed 196459774)',
      { task: { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null } },
      { role: 'primary', checkpoint_after_promote: false },
    ],
    [
      'so may the word of one that does not answer',
      { server: { kind: 'silent', since: NOW } },
      { checkpoint_after_promote: false },
    ],
    [
      'C-35: also when its proof has run out, since the store may name it yet',
      { lock: doubtful(earlier(NOW, millis(1))), memory: { checkpoint: { kind: 'pending', since: NOW } } },
      { checkpoint_after_promote: false },
    ],
    [
      'C-35: and before a restarted agent has proven its own lock',
      { lock: { kind: 'not-held' }, memory: { checkpoint: { kind: 'pending', since: NOW } } },
      { checkpoint_after_promote: false },
    ],
    [
      'C-35: and before it has the lock, which it may have when this arrives',
      { lock: { kind: 'not-held' }, view: { lock: null }, memory: { checkpoint: { kind: 'pending', since: NOW } } },
      { checkpoint_after_promote: false },
    ],
    ['C-36: `nofailover: false` alone says nothing', { tags: { nofailover: false } }, absent('tags')],
    [
      'C-36: beside its priority it does',
      { tags: { nofailover: false, failover_priority: 1 } },
      { tags: { nofailover: false, failover_priority: 1 } },
    ],
    [
      'a server that is slow to answer runs, somewhere',
      { server: { kind: 'silent', since: NOW } },
      { state: 'running', role: 'primary' },
    ],
    ['nobody knows where', { server: { kind: 'silent', since: NOW } }, absent('xlog_location', 'timeline')],
    [
      'CC5: a task hides the position',
      { task: { kind: 'stop', mode: 'fast', checkpointFirst: true, timeout: null } },
      absent('xlog_location', 'timeline'),
    ],
  ]);
  table(member, replica, [
    [
      'a standby: the further of received and replayed, and both',
      { server: standbyAnswer({ replayLsn: ahead(8n) }) },
      {
        role: 'replica',
        xlog_location: ahead(8n),
        replay_lsn: ahead(8n),
        receive_lsn: HEAD,
        replication_state: 'streaming',
        timeline: 3,
      },
    ],
    [
      'one that follows an archive',
      { server: idleStandby({ hasRestoreCommand: true }) },
      { replication_state: 'in archive recovery' },
    ],
    ['one that follows nothing', { server: idleStandby() }, absent('replication_state')],
    [
      'what is not known is absent, never null',
      { server: idleStandby({ receiveLsn: null, timeline: null }) },
      absent('receive_lsn', 'timeline'),
    ],
    [
      'a copy in progress',
      { task: { kind: 'clone', from: fromA, methods: [{ kind: 'basebackup', options: [] }], patience: seconds(10) } },
      { state: 'creating replica', role: 'uninitialized' },
    ],
  ]);
  table(member, winner, [
    [
      'CC6: a promotion in progress says so from its start',
      {
        task: { kind: 'promote', safety: millis(1) },
        memory: { role: 'promoted', checkpoint: { kind: 'pending', since: NOW } },
      },
      { role: 'promoted', checkpoint_after_promote: false, xlog_location: HEAD },
    ],
  ]);
  table(member, stopped, [
    [
      'C-34: a stopped one has no position and no timeline',
      {},
      absent('xlog_location', 'replay_lsn', 'receive_lsn', 'timeline', 'replication_state'),
    ],
    ['it says stopped', {}, { state: 'stopped', role: 'replica' }],
  ]);
  table(member, crashed, [['a crashed one says crashed', {}, { state: 'crashed', role: 'primary' }]]);

  test('a reload does not move a server: its key says where it is until it is started anew', () => {
    const at = (addresses: string, port: number) => {
      const process = { kind: 'running', pid: 100, startedAt: WALL_NOW, listensOn: { addresses, port } } as const;
      const { o, m } = leader({ process });
      const { postgres } = o.config;
      const moved = { ...postgres, listenAddresses: '10.0.0.1,::1', port: 6432, connectAddress: '10.0.0.1:6432' };
      return publishedMember({ ...o, config: { ...o.config, postgres: moved } }, m)['conn_url'];
    };
    expect(at('10.0.0.1', 5432)).toBe('postgres://10.0.0.1:5432/postgres');
    expect(at('10.0.0.1,::1', 5432)).toBe('postgres://10.0.0.1:5432/postgres');
    expect(at('10.0.0.1, ::1', 6432)).toBe('postgres://10.0.0.1:6432/postgres');
  });
});
