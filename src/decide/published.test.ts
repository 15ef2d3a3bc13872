import { describe, expect, test } from 'vitest';
import { crashed, leader, replica, type Situation, stopped, winner } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  behind,
  branch,
  doubtful,
  fromA,
  HEAD,
  history,
  idleStandby,
  NOW,
  position,
  primaryAnswer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { LOGICAL, logicalSlot } from '../../test/support/slots.ts';
import { type Expected, table } from '../../test/support/table.ts';
import type { HistoryLine } from '../domain/cluster-view.ts';
import { revision, slotName } from '../domain/names.ts';
import { earlier, millis, seconds } from '../domain/time.ts';
import { publishedHistory } from './published-history.ts';
import { publishedMember } from './published-member.ts';
import { publishedStatus } from './published-status.ts';

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
      'C-35: promoted and not checkpointed',
      { memory: { checkpoint: { kind: 'running', since: NOW } } },
      { checkpoint_after_promote: false },
    ],
    ['C-35: checkpointed: nothing', {}, absent('checkpoint_after_promote')],
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
});

describe('what a leader publishes of the cluster (dcs.md 1.7)', () => {
  const status = ({ o, m }: Situation) => publishedStatus(o, m);
  const away = (ago: number) => ({
    members: { c: null },
    memory: { slotSeen: new Map([[slotName('c'), earlier(NOW, seconds(ago))]]) },
  });
  const neverStreaming = { members: { c: { tags: { nostream: true } } }, memory: { slotSeen: new Map() } };
  table(status, leader, [
    ['its position', {}, { optime: HEAD }],
    ['C-37: its own slot at its own position', {}, { slots: { a: HEAD } }],
    [
      'a physical slot where its WAL begins, a logical one where it was confirmed',
      {
        server: primaryAnswer({
          slots: [
            slot('b', { restartLsn: behind(5n) }),
            slot('cdc', { type: 'logical', restartLsn: behind(9n), confirmedFlushLsn: behind(3n) }),
          ],
        }),
      },
      { slots: { a: HEAD, b: behind(5n), cdc: behind(3n) } },
    ],
    [
      'a slot that reserves nothing has no position',
      { server: primaryAnswer({ slots: [slot('b', { restartLsn: null })] }) },
      { slots: { a: HEAD } },
    ],
    [
      'the slots of all members are kept, also in a cluster so quiet that no picture came for hours',
      { memory: { slotSeen: new Map() } },
      { retain_slots: ['a', 'b', 'c'] },
    ],
    ['C-38: also of a member that is away', away(1_799), { retain_slots: ['a', 'b', 'c'] }],
    ['C-38: for member_slots_ttl', away(1_800), { retain_slots: ['a', 'b'] }],
    ['with member_slots_ttl 0 none is kept', { dynamic: { member_slots_ttl: 0 } }, absent('retain_slots')],
    ['SL17: nor is any told', { dynamic: { member_slots_ttl: 0 } }, absent('slots')],
    [
      'SL17: but for permanent ones',
      {
        dynamic: { member_slots_ttl: 0, slots: { archive: null, cdc: LOGICAL } },
        server: primaryAnswer({
          slots: [slot('archive'), slot('b'), logicalSlot('cdc', { confirmedFlushLsn: behind(3n) })],
        }),
      },
      { slots: { archive: HEAD, cdc: behind(3n) } },
    ],
    [
      'SL7: one that PostgreSQL copied by itself before a promotion is not told',
      { server: primaryAnswer({ slots: [logicalSlot('f', { failover: 'synced' })] }) },
      { slots: { a: HEAD } },
    ],
    ['SL18: permanent ones need no keeping', { dynamic: { slots: { c: null } } }, { retain_slots: ['a', 'b'] }],
    ['CC114: nor is anything kept for who never streams', neverStreaming, { retain_slots: ['a', 'b'] }],
  ]);
  table(status, replica, [['a standby publishes none', {}, null]]);
  table(status, leader, [
    ['neither does a primary that does not answer', { server: { kind: 'silent', since: NOW } }, null],
  ]);
});

describe('what a leader publishes of its timeline (dcs.md 1.8)', () => {
  const work = ({ o }: Situation) =>
    publishedHistory(o, o.postgres?.server.kind === 'primary' ? o.postgres.server.timeline : branch(1));
  const line = (timeline: number, change: Partial<HistoryLine> = {}): HistoryLine => ({
    timeline: branch(timeline),
    lsn: position(`0/${timeline}000000`),
    reason: 'x',
    at: '2026-01-01T00:00:00+00:00',
    leader: A,
    ...change,
  });
  const stored = (...lines: readonly HistoryLine[]) =>
    ({ view: { history: { kind: 'lines', modRevision: revision(1n), lines } } }) as const;
  const on4 = { server: primaryAnswer({ timeline: branch(4) }), observation: { ownHistory: history({ member: A }) } };
  const newest = [3, HEAD, 'no recovery target', expect.stringMatching(/^2026-09-01T12:00:00.*\+00:00$/), A];
  table(work, leader, [
    ['what is stored tells it', stored(line(2)), { kind: 'right' }],
    [
      'a fresh cluster has no history',
      { ...stored(), server: primaryAnswer({ timeline: branch(1) }) },
      { kind: 'right' },
    ],
    [
      'CC105: one of another cluster is emptied',
      { ...stored(line(2)), server: primaryAnswer({ timeline: branch(1) }) },
      { kind: 'write', value: [] },
    ],
    [
      'my own server is asked first',
      { ...stored(line(2)), server: primaryAnswer({ timeline: branch(4) }) },
      { kind: 'ask' },
    ],
    [
      'and again when it told of an older timeline',
      {
        ...stored(line(2)),
        ...on4,
        observation: { ownHistory: history({ member: A, history: { of: branch(3), switches: [] } }) },
      },
      { kind: 'ask' },
    ],
    [
      'C-43, CC104: one line more, ending in my name',
      { ...stored(line(2)), ...on4 },
      { kind: 'write', value: [newest] },
    ],
    [
      'a line without a name is written anew',
      { ...stored(line(3, { leader: null })), ...on4 },
      { kind: 'write', value: [newest] },
    ],
    [
      'a history that nobody can read is written anew',
      { view: { history: { kind: 'unusable', modRevision: null } }, ...on4 },
      { kind: 'write', value: [newest] },
    ],
  ]);

  const long = history({ member: A, history: { of: branch(4), switches: [1, 2, 3].map(switchFrom) } });

  test('only the newest max_timelines_history lines are kept', () => {
    const kept = (count: number) =>
      work(
        leader({ ...stored(), ...on4, dynamic: { max_timelines_history: count }, observation: { ownHistory: long } }),
      );

    const line3 = [3, position('0/3000000'), 'x', expect.any(String), A];

    expect(kept(1)).toMatchObject({ value: [line3] });
    expect(kept(0)).toMatchObject({ value: [expect.anything(), expect.anything(), line3] });
  });

  test('times and names of older lines are carried over where timeline and position match', () => {
    const given = leader({
      ...stored(line(1), line(2, { lsn: position('0/9') })),
      ...on4,
      observation: { ownHistory: long },
    });

    expect(work(given)).toMatchObject({
      value: [
        [1, position('0/1000000'), 'x', '2026-01-01T00:00:00+00:00', A],
        [2, position('0/2000000'), 'x'],
        [3, position('0/3000000'), 'x', expect.any(String), A],
      ],
    });
  });
});

function slot(
  name: string,
  change: {
    readonly type?: 'physical' | 'logical';
    readonly active?: boolean;
    readonly restartLsn?: typeof HEAD | null;
    readonly confirmedFlushLsn?: typeof HEAD | null;
  } = {},
) {
  return {
    name: slotName(name),
    type: 'physical' as const,
    active: true,
    restartLsn: HEAD,
    confirmedFlushLsn: null,
    hasXmin: false,
    ...change,
  };
}

function switchFrom(parent: number) {
  return { parent: branch(parent), switchedAt: position(`0/${String(parent)}000000`), reason: 'x' };
}
