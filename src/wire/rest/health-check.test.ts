import { describe, expect, test } from 'vitest';
import {
  LEADER_LSN,
  leaderSnapshot,
  lsnOf,
  NOW,
  primaryAnswer,
  replicaSnapshot,
  standbyAnswer,
  withoutView,
} from '../../../test/support/node-snapshot.ts';
import { memberName, revision } from '../../domain/names.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import { instant, later, millis, seconds } from '../../domain/time.ts';
import { isHealthy } from './health-check.ts';
import { isAlive } from './liveness.ts';
import { nodeFacts } from './node-facts.ts';
import { nodeStatus } from './node-status.ts';
import { parseQuery } from './query.ts';
import { isReady } from './readiness.ts';

const matrixPaths = [
  '/',
  '/leader',
  '/standby-leader',
  '/replica',
  '/read-only',
  '/sync',
  '/read-only-sync',
  '/quorum',
  '/read-only-quorum',
  '/async',
  '/health',
];

function check(target: string, snapshot: NodeSnapshot, now = NOW): number {
  const [path = '', query = ''] = target.split('?');
  return isHealthy({ path, query: parseQuery(query) }, nodeFacts(snapshot, now)) ? 200 : 503;
}

function ready(snapshot: NodeSnapshot, query = ''): boolean {
  return isReady(nodeFacts(snapshot, NOW), snapshot, parseQuery(query));
}

const held = { kind: 'held', createRevision: revision(7n), deadline: later(NOW, millis(5_000)) } as const;
const streamingOnly = { walReceiver: { status: 'streaming', timeline: null, latestEndLsn: null } };
const syncKeys = { sync: { leader: 'n1', quorum: 0, sync_standby: 'n2' } };
const quorumKeys = { sync: { leader: 'n1', quorum: 1, sync_standby: 'n2,n3' } };
const standbyCluster = { standby_cluster: { host: '10.1.0.1' } };
const behind = standbyAnswer({ replayLsn: lsnOf(LEADER_LSN - 20n * 1_048_576n) });
const archive = standbyAnswer({ walReceiver: null, hasRestoreCommand: true });

/** A leader that the store does not answer, and whom all members told to go on. */
const ledByMembers = leaderSnapshot({
  dynamic: { failsafe_mode: true },
  observation: {
    ...withoutView,
    failsafe: { askedAt: NOW, ttl: seconds(30), members: [], answers: new Map(), isTold: true },
    lease: {
      at: NOW,
      lease: null,
      lock: { ...held, isPromised: true },
      guardian: 'ready',
      storeAnsweredAt: null,
      storeTrouble: 'timeout',
    },
  },
});

/** Columns: `matrixPaths` in their order, then readiness and liveness; `+` is 200, `.` is 503. */
const matrix: readonly (readonly [row: number, condition: string, answers: string, snapshot: NodeSnapshot])[] = [
  [1, 'leader, PostgreSQL running', '++..+.+.+.+ ++', leaderSnapshot()],
  [2, 'REST-15: lock held, PostgreSQL starting', '++..+.+.+.. ++', leaderSnapshot({ server: { kind: 'rejecting' } })],
  [
    3,
    'lock held, PostgreSQL stopped',
    '++..+.+.+.. ++',
    leaderSnapshot({ server: { kind: 'down' }, process: { kind: 'none' } }),
  ],
  [4, 'REST-16: lock just won, not promoted yet', '++.++.+.+++ ++', replicaSnapshot({ lock: held })],
  [5, 'lock held, no answer', '++..+.+.+.. ++', leaderSnapshot({ server: { kind: 'silent', since: NOW } })],
  [6, 'REST-5: replica streaming', '...++....++ ++', replicaSnapshot()],
  [7, 'REST-6: replica in archive recovery', '...++....++ .+', replicaSnapshot({ server: archive })],
  [
    8,
    'replica, no receiver, no archive',
    '...++....++ .+',
    replicaSnapshot({ server: standbyAnswer({ walReceiver: null }) }),
  ],
  [9, 'sync standby', '...++++...+ ++', replicaSnapshot({ dynamic: { synchronous_mode: true }, keys: syncKeys })],
  [
    10,
    'quorum standby',
    '...++..++.+ ++',
    replicaSnapshot({ dynamic: { synchronous_mode: 'quorum' }, keys: quorumKeys }),
  ],
  [
    11,
    'REST-10: replica not in the sync key',
    '...++....++ ++',
    replicaSnapshot({ dynamic: { synchronous_mode: true } }),
  ],
  [
    12,
    'leader in sync mode',
    '++..+.+.+.+ ++',
    leaderSnapshot({ dynamic: { synchronous_mode: true }, keys: syncKeys }),
  ],
  [
    13,
    'REST-11: standby leader streaming',
    '.++.+.+.+.+ ++',
    replicaSnapshot({ dynamic: standbyCluster, lock: held, memory: { role: 'standby_leader' } }),
  ],
  [
    14,
    'standby leader, PostgreSQL stopped',
    '.++.+.+.+.. ++',
    replicaSnapshot({
      dynamic: standbyCluster,
      lock: held,
      server: { kind: 'down' },
      process: { kind: 'none' },
      memory: { role: 'standby_leader' },
    }),
  ],
  [15, 'replica inside a standby cluster', '...++....++ ++', replicaSnapshot({ dynamic: standbyCluster })],
  [16, 'REST-12: replica with noloadbalance', '..........+ ++', replicaSnapshot({ tags: { noloadbalance: true } })],
  [17, 'REST-13: leader with noloadbalance', '++..+.+.+.+ ++', leaderSnapshot({ tags: { noloadbalance: true } })],
  [18, 'REST-14: replica with nofailover', '...++....++ ++', replicaSnapshot({ tags: { nofailover: true } })],
  [19, 'paused leader', '++..+.+.+.+ ++', leaderSnapshot({ dynamic: { pause: true } })],
  [
    20,
    'paused primary without the lock',
    '..........+ .+',
    leaderSnapshot({ dynamic: { pause: true }, lock: { kind: 'not-held' } }),
  ],
  [
    21,
    'paused, PostgreSQL stopped',
    '........... .+',
    replicaSnapshot({ dynamic: { pause: true }, server: { kind: 'down' }, process: { kind: 'none' } }),
  ],
  [22, 'REST-17: primary without the lock', '..........+ .+', leaderSnapshot({ lock: { kind: 'not-held' } })],
  [23, 'no view, deadline to come', '++..+.....+ ++', leaderSnapshot({ observation: withoutView })],
  [24, 'REST-21: no view, the members agreed, primary', '++..+.....+ ++', ledByMembers],
  [
    25,
    'no view, demoted',
    '...++.....+ .+',
    replicaSnapshot({ observation: withoutView, server: standbyAnswer({ walReceiver: null }) }),
  ],
  [
    26,
    'REST-18: no view, paused primary, deadline passed',
    '++..+.....+ .+',
    leaderSnapshot({ observation: withoutView, dynamic: { pause: true }, lock: { ...held, deadline: NOW } }),
  ],
  [
    27,
    'no view, paused standby leader',
    '.++.+.....+ ++',
    replicaSnapshot({
      observation: withoutView,
      dynamic: { pause: true, ...standbyCluster },
      memory: { role: 'standby_leader' },
    }),
  ],
  [28, 'no view, replica that knows the end of WAL', '...++.....+ ++', replicaSnapshot({ observation: withoutView })],
  [
    29,
    'no view, replica that does not',
    '...++.....+ .+',
    replicaSnapshot({ observation: withoutView, server: standbyAnswer(streamingOnly) }),
  ],
  [30, 'cluster unlocked', '...++....++ ++', replicaSnapshot({ keys: { leader: null } })],
  [31, 'replica 20 MB behind', '...++....++ .+', replicaSnapshot({ server: behind })],
  [33, 'replica starting', '........... .+', replicaSnapshot({ server: { kind: 'rejecting' } })],
  [34, 'replica stopped', '........... .+', replicaSnapshot({ server: { kind: 'down' }, process: { kind: 'none' } })],
];

test.each(matrix)('matrix row %i: %s', (_row, _condition, answers, snapshot) => {
  const found = matrixPaths.map((path) => (check(path, snapshot) === 200 ? '+' : '.')).join('');
  const probes = [ready(snapshot), isAlive(snapshot, NOW)].map((isOk) => (isOk ? '+' : '.')).join('');

  expect(`${found} ${probes}`).toBe(answers);
});

test('matrix row 32: a replica 20 MB behind is no replica for who allows 10 MB', () => {
  const snapshot = replicaSnapshot({ server: behind });

  expect(matrixPaths.filter((path) => check(`${path}?lag=10MB`, snapshot) === 200)).toEqual(['/health']);
});

test('before the first step nothing is healthy', () => {
  expect(isHealthy({ path: '/primary', query: new Map() }, null)).toBe(false);
});

test('W34: /primary ends with the lease, whether or not anybody has noticed', () => {
  const stuck = leaderSnapshot();

  expect(check('/primary', stuck, instant(held.deadline - 1))).toBe(200);
  expect(check('/primary', stuck, held.deadline)).toBe(503);
  expect(check('/leader', stuck, held.deadline)).toBe(503);
});

test('a lock in doubt is not held, though its deadline is to come', () => {
  const doubtful = leaderSnapshot({ lock: { kind: 'doubtful', deadline: held.deadline, why: 'another holder' } });

  expect(check('/primary', doubtful)).toBe(503);
});

describe('rest-api', () => {
  test('REST-11: both spellings of the standby leader', () => {
    const snapshot = replicaSnapshot({ dynamic: standbyCluster, lock: held, memory: { role: 'standby_leader' } });

    expect(check('/standby_leader', snapshot)).toBe(200);
    expect(check('/standby-leader', snapshot)).toBe(200);
    expect(check('/standby_leader', replicaSnapshot({ dynamic: standbyCluster }))).toBe(503);
  });

  test('REST-19: no view, and the deadline has passed: nobody is sent here', () => {
    const snapshot = leaderSnapshot({ observation: withoutView, lock: { ...held, deadline: NOW } });

    expect(check('/primary', snapshot)).toBe(503);
    expect(check('/primary', snapshot, instant(NOW - 1))).toBe(200);
  });

  test('REST-21: a leader by the word of the members says so', () => {
    const active = { failsafe_mode_is_active: true };
    expect(nodeStatus(ledByMembers, nodeFacts(ledByMembers, NOW))).toMatchObject(active);
    const failsafe = { askedAt: NOW, ttl: seconds(30), members: [], answers: new Map(), isTold: false };
    const observation = { ...ledByMembers.observation, failsafe };
    const askedAnew = { ...ledByMembers, observation };
    expect(nodeStatus(askedAnew, nodeFacts(askedAnew, NOW)), 'while they are asked anew').toMatchObject(active);
    expect(nodeStatus(askedAnew, nodeFacts(askedAnew, held.deadline))).not.toHaveProperty('failsafe_mode_is_active');
    const silent = leaderSnapshot({ dynamic: { failsafe_mode: true }, observation: withoutView });
    expect(nodeStatus(silent, nodeFacts(silent, NOW))).not.toHaveProperty('failsafe_mode_is_active');
  });

  test.each([
    '/',
    '/primary',
    '/master',
    '/read-write',
    '/leader',
    '/read-only',
    '/read-only-sync',
    '/read-only-quorum',
    '/health',
  ])('REST-1: a running leader is 200 at %s', (path) => expect(check(path, leaderSnapshot())).toBe(200));

  test.each(['/replica', '/sync', '/async', '/quorum', '/standby-leader'])(
    'REST-2: a running leader is 503 at %s',
    (path) => expect(check(path, leaderSnapshot())).toBe(503),
  );

  test('REST-6, REST-7: replication_state is compared as it is, and an unknown one equals nothing', () => {
    const silent = replicaSnapshot({ server: standbyAnswer({ walReceiver: null }) });

    expect(check('/replica?replication_state=streaming', replicaSnapshot({ server: archive }))).toBe(503);
    expect(check('/replica?replication_state=in+archive+recovery', replicaSnapshot({ server: archive }))).toBe(200);
    expect(check('/replica?replication_state=streaming', silent)).toBe(503);
    expect(check('/replica?replication_state=streaming', replicaSnapshot())).toBe(200);
  });

  test('REST-8: names in the sync key are compared without case', () => {
    const keys = { sync: { leader: 'n1', quorum: 0, sync_standby: 'N2' } };
    const snapshot = replicaSnapshot({ dynamic: { synchronous_mode: true }, keys });

    for (const path of ['/sync', '/synchronous', '/read-only-sync', '/read-only-synchronous']) {
      expect(check(path, snapshot)).toBe(200);
    }
    expect(check('/async', snapshot)).toBe(503);
  });

  test('REST-12: noloadbalance counts as soon as it is not empty', () => {
    const snapshot = replicaSnapshot({ tags: { noloadbalance: 'false' } });

    expect(['/replica', '/read-only', '/sync', '/async'].map((path) => check(path, snapshot))).toEqual([
      503, 503, 503, 503,
    ]);
    expect(check('/health', snapshot)).toBe(200);
    expect(ready(snapshot)).toBe(true);
  });

  test.each([
    ['REST-22, REST-24: one byte more than allowed is lag', 1_048_577n, 'lag=1MB', 503],
    ['REST-22: exactly what is allowed is none', 1_048_576n, 'lag=1MB', 200],
    ['REST-23: a unit that is none switches the check off', 1_048_577n, 'lag=1mb', 200],
    ['REST-23: so does a unit of another family', 1_048_577n, 'lag=16M', 200],
    ['REST-23: so does no value', 1_048_577n, 'lag=', 200],
    ['so does what no number can hold, and nothing breaks', 1_048_577n, 'lag=1e308TB', 200],
    ['REST-25: a leading zero is octal', 9n, 'lag=010', 503],
    ['REST-25: and eight bytes are allowed by it', 8n, 'lag=010', 200],
    ['zero allows nothing', 1n, 'lag=0', 503],
  ])('%s', (_rule, bytes, query, status) => {
    const snapshot = replicaSnapshot({ server: standbyAnswer({ replayLsn: lsnOf(LEADER_LSN - bytes) }) });

    expect(check(`/replica?${query}`, snapshot)).toBe(status);
    // 24: the other replica-type checks take it too.
    expect(check(`/read-only?${query}`, snapshot)).toBe(status);
  });

  test.each([
    ['REST-26: a tag is compared as it is', { zone: 'A1' }, 'tag_zone=A1', 200],
    ['REST-26: with its case', { zone: 'A1' }, 'tag_zone=a1', 503],
    ['REST-26: one that is not there equals nothing', { zone: 'A1' }, 'tag_other=x', 503],
    ['REST-26: whatever it is called', { zone: 'A1' }, 'tag_constructor={}', 503],
    ['REST-27: true is written so', { fast: true }, 'tag_fast=true', 200],
    ['REST-27: and not otherwise', { fast: true }, 'tag_fast=True', 503],
    ['a number by its text', { weight: 1.4 }, 'tag_weight=1.4', 200],
    ['a false built-in flag is no tag', { nosync: false }, 'tag_nosync=false', 503],
    ['all have to match', { a: '1', b: '2' }, 'tag_a=1&tag_b=3', 503],
  ])('%s', (_rule, tags, query, status) => {
    expect(check(`/replica?${query}`, replicaSnapshot({ tags }))).toBe(status);
  });

  test('REST-28: the leader is asked for tags at /read-only and not at /primary', () => {
    expect(check('/primary?tag_zone=A1', leaderSnapshot())).toBe(200);
    expect(check('/read-only?tag_zone=A1', leaderSnapshot())).toBe(503);
  });

  test('REST-29, REST-30: paths are read by their parts, but those of the sync key exactly', () => {
    const standby = replicaSnapshot({ dynamic: { synchronous_mode: true }, keys: syncKeys });

    expect(check('/nonsense', leaderSnapshot())).toBe(503);
    expect(check('/x/primary/y', leaderSnapshot())).toBe(200);
    expect(check('/x/primary/y', standby)).toBe(503);
    expect(check('/sync', standby)).toBe(200);
    expect(check('/sync/', standby)).toBe(503);
    expect(check('/replica/', standby)).toBe(200);
    expect(check('/read-only-sync-standby_leader', standby)).toBe(503);
  });

  test('REST-34: a loop that is overdue by more than ttl is dead for a primary, by twice that for others', () => {
    const due = leaderSnapshot().nextStepDue;
    const ttl = 30_000;

    expect(isAlive(leaderSnapshot(), instant(due + ttl - 1))).toBe(true);
    expect(isAlive(leaderSnapshot(), instant(due + ttl))).toBe(false);
    expect(isAlive(replicaSnapshot(), instant(due + 2 * ttl - 1))).toBe(true);
    expect(isAlive(replicaSnapshot(), instant(due + 2 * ttl))).toBe(false);
    expect(isAlive(leaderSnapshot({ dynamic: { pause: true } }), instant(due + 10 * ttl))).toBe(true);
  });

  test('REST-35: readiness counts what is replayed, or with mode=write what is received', () => {
    const server = standbyAnswer({ receiveLsn: lsnOf(LEADER_LSN - 5n), replayLsn: lsnOf(LEADER_LSN - 20n) });
    const snapshot = replicaSnapshot({ server });

    expect(ready(snapshot, 'lag=10&mode=write')).toBe(true);
    expect(ready(snapshot, 'lag=10')).toBe(false);
    expect(ready(snapshot, 'lag=10&mode=foo')).toBe(false);
    expect(ready(snapshot, 'lag=20')).toBe(true);
    expect(ready(snapshot)).toBe(true);
  });

  test('REST-36: without a view and without the end of WAL nobody knows how far behind a replica is', () => {
    const lost = { observation: withoutView, server: standbyAnswer(streamingOnly), dynamic: { failsafe_mode: true } };
    const promise = { to: memberName('n1'), until: later(NOW, millis(1)), slots: new Map() };

    expect(ready(replicaSnapshot(lost))).toBe(false);
    expect(ready(replicaSnapshot({ ...lost, memory: { promise } }))).toBe(true);
  });

  test('a primary without the lock is not ready', () => {
    expect(ready(leaderSnapshot({ lock: { kind: 'not-held' }, server: primaryAnswer() }))).toBe(false);
  });
});
