import { describe } from 'vitest';
import { decided, leader, replica, type Situation, winner } from '../../test/support/observations.ts';
import { A, anyFiles, doubtful, fromA, held, LATER_LOCK, lockOf, NOW } from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import { memberName, revision } from '../domain/names.ts';
import { replicaMethods } from '../domain/replica-method.ts';
import type { PostgresTask } from '../domain/task.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { remoteUpstream } from './remote-source.ts';
import type { RuleId } from './rules.ts';

const clone: Extract<PostgresTask, { kind: 'clone' }> = {
  kind: 'clone',
  from: fromA,
  methods: [{ kind: 'basebackup', options: [] }],
  patience: seconds(10),
};
const promote: PostgresTask = { kind: 'promote', safety: millis(500) };
const stop: Extract<PostgresTask, { kind: 'stop' }> = {
  kind: 'stop',
  mode: 'fast',
  checkpointFirst: true,
  timeout: null,
};
const asPrimary: PostgresTask = { kind: 'start', desired: anyFiles, timeout: millis(60_000), safety: millis(500) };
const asStandby: PostgresTask = { kind: 'start', desired: anyFiles, timeout: millis(60_000) };
const standbyOf = (upstream: Upstream | null) => ({ ...anyFiles, standby: { upstream, slot: null, recovery: {} } });
const startOf = (upstream: Upstream | null): PostgresTask => {
  return { kind: 'start', desired: standbyOf(upstream), timeout: millis(60_000) };
};
const restartOf = (upstream: Upstream | null): PostgresTask => {
  return { kind: 'restart', desired: standbyOf(upstream), timeout: millis(60_000) };
};
const cancelled = (rule: RuleId) => concludes(rule, { kind: 'cancel-task' });
const waiting = waits('task-under-way');
const nearTheEnd = held({ deadline: later(NOW, millis(1_300)) });

/** The same, once the task has been told to end. */
const cancelling = ({ o, m }: Situation) =>
  decided({ o: { ...o, task: o.task === null ? null : { ...o.task, cancelling: true } }, m });

describe('a long task runs', () => {
  table(decided, replica, [
    ['everything else waits for it', { task: clone }, waiting],
    ['whatever happens to the lock meanwhile', { task: asStandby, view: { lock: null } }, waiting],
    ['also while the last look is out of date', { task: clone, observation: { postgresIsCurrent: false } }, waiting],
    ['a leaving agent cancels a copy', { task: clone, memory: { leaving: NOW } }, cancelled('task-pointless')],
    ['and a start, however long it takes', { task: asStandby, memory: { leaving: NOW } }, cancelled('task-pointless')],
    ['and waits for a stop', { task: stop, memory: { leaving: NOW } }, waiting],
  ]);
  table(cancelling, replica, [
    ['what is cancelled already is waited for', { task: clone, memory: { leaving: NOW } }, waiting],
  ]);
});

describe('a start as primary runs, and the cluster is made to follow another one', () => {
  const dynamic = { standby_cluster: { host: '10.9.0.1' } };
  const restart: PostgresTask = { kind: 'restart', desired: anyFiles, timeout: millis(60_000) };
  table(decided, leader, [
    [
      'it is cancelled: what it wrote would be given up',
      { task: asPrimary, dynamic },
      cancelled('task-against-demotion'),
    ],
    ['and so is a restart', { task: restart, dynamic }, cancelled('task-against-demotion')],
    ['what stops a primary goes on', { task: stop, dynamic }, waiting],
  ]);
});

describe('a standby restarts, and the cluster is made to follow another one', () => {
  const standby_cluster = { host: '10.9.0.1', port: 5433 };
  const { o } = replica({ dynamic: { standby_cluster } });
  table(decided, replica, [
    [
      'it is cancelled: whom it followed may be a copy of the remote by then (seed 10303338)',
      { task: restartOf(fromA), dynamic: { standby_cluster } },
      cancelled('task-against-demotion'),
    ],
    ['one that follows nobody goes on', { task: restartOf(null), dynamic: { standby_cluster } }, waiting],
    ['and one that follows the remote', { task: restartOf(remoteUpstream(o)), dynamic: { standby_cluster } }, waiting],
    ['in a pause nobody is copied', { task: restartOf(fromA), dynamic: { standby_cluster, pause: true } }, waiting],
    ['any other cluster leaves it alone', { task: restartOf(fromA) }, waiting],
    [
      'so is a start as a standby of a member',
      { task: startOf(fromA), dynamic: { standby_cluster } },
      cancelled('task-against-demotion'),
    ],
    [
      'one that follows the remote goes on',
      { task: startOf(remoteUpstream(o)), dynamic: { standby_cluster } },
      waiting,
    ],
  ]);
});

describe('a promotion runs', () => {
  table(decided, winner, [
    ['CC33: as long as the lock is mine', { task: promote }, waiting],
    [
      'it is cancelled when somebody else leads',
      { task: promote, lock: { kind: 'not-held' }, view: { lock: lockOf('c') } },
      cancelled('promotion-overtaken'),
    ],
    [
      'and when the lease is about to end',
      { task: promote, lock: held({ deadline: later(NOW, millis(1_300)), createRevision: LATER_LOCK }) },
      cancelled('task-outlasts-lease'),
    ],
  ]);
});

describe('a task must not outlast the lease', () => {
  table(decided, leader, [
    ['an orderly stop has time while the lease lasts', { task: stop }, waiting],
    [
      'CC32: then it gives way to one that the deadline limits',
      { task: stop, lock: nearTheEnd },
      cancelled('task-outlasts-lease'),
    ],
    ['one that is limited already goes on', { task: { ...stop, timeout: millis(1_000) }, lock: nearTheEnd }, waiting],
    [
      'and so does one that began after the deadline, and may take no time at all',
      { task: { ...stop, timeout: millis(0) }, lock: doubtful(earlier(NOW, millis(700))) },
      waiting,
    ],
    ['a start as a primary is given up', { task: asPrimary, lock: nearTheEnd }, cancelled('task-outlasts-lease')],
    [
      'so is the creation of a cluster, whose first start is one (seed 13000964)',
      { task: { kind: 'bootstrap', desired: anyFiles, safety: millis(1_300) }, lock: nearTheEnd },
      cancelled('task-outlasts-lease'),
    ],
    ['a start as a standby writes nothing', { task: asStandby, lock: nearTheEnd }, waiting],
    [
      'a restart as a primary is given up',
      { task: { kind: 'restart', desired: anyFiles, timeout: millis(60_000) }, lock: nearTheEnd },
      cancelled('task-outlasts-lease'),
    ],
    [
      'that of a standby leader writes nothing',
      { task: restartOf(null), server: { kind: 'rejecting' }, directory: { signal: 'standby' }, lock: nearTheEnd },
      waiting,
    ],
  ]);
});

describe('somebody else has the lock while a task runs', () => {
  const lost = { view: { lock: lockOf('b') } };
  const overtaken = cancelled('task-overtaken');
  const limited: PostgresTask = { ...stop, checkpointFirst: false, timeout: seconds(5) };
  const begun = (ago: number, task: PostgresTask) => ({
    observation: { task: { id: 7, task, since: earlier(NOW, millis(ago)), note: null, cancelling: false } },
  });
  table(decided, leader, [
    ['a start as a primary is given up at once', { task: asPrimary, ...lost }, overtaken],
    ['so is the creation of a cluster', { task: { kind: 'bootstrap', desired: anyFiles }, ...lost }, overtaken],
    ['and an orderly stop, which serves clients while it lasts', { task: stop, ...lost }, overtaken],
    ['also while its time lasts', { ...begun(4_999, limited), ...lost }, overtaken],
    ['one that is being enforced goes on (seed 31001955)', { ...begun(5_000, limited), ...lost }, waiting],
    [
      'not if SIGKILL comes later than from one that is begun now',
      { ...begun(20_000, { ...limited, timeout: seconds(20) }), ...lost },
      overtaken,
    ],
    [
      'nor if it began with a checkpoint, which takes its time',
      { ...begun(5_000, { ...limited, checkpointFirst: true }), ...lost },
      overtaken,
    ],
    [
      'or with a command of the operator',
      { ...begun(5_000, limited), ...lost, effective: { beforeStop: 'drain' } },
      overtaken,
    ],
    ['a stop that is immediate goes on', { task: { ...stop, mode: 'immediate' }, ...lost }, waiting],
    ['a start as a standby goes on', { task: asStandby, ...lost }, waiting],
    [
      'a promotion is given up though the heartbeat has not noticed yet',
      { task: promote, ...lost },
      cancelled('promotion-overtaken'),
    ],
    [
      'a picture from before my lock says nothing',
      { task: asPrimary, lock: held({ createRevision: revision(200n) }), ...lost },
      waiting,
    ],
  ]);
  table(decided, replica, [['the stop of a standby goes on', { task: stop }, waiting]]);
});

describe('the member that is copied from', () => {
  const unlocked = (span: number) => ({
    view: { lock: null },
    dynamic: { ttl: 30 },
    memory: { unlockedSince: earlier(NOW, seconds(span)) },
  });
  const synchronous = { synchronous_mode: true };
  const naming = (voter: string) => {
    return { leader: A, voters: [memberName(voter)], quorum: 0, modRevision: revision(9n) };
  };
  const rewind: PostgresTask = { kind: 'rewind', from: fromA, options: [], patience: seconds(30) };
  const fromC: PostgresTask = { ...clone, from: { ...fromA, member: 'c' }, fromReplica: true };
  table(decided, replica, [
    ['leads: the copy goes on', { task: clone }, waiting],
    ['leads no more: somebody else does', { task: clone, view: { lock: lockOf('c') } }, cancelled('source-lost')],
    [
      'does not lead, and whoever leads changes: the copy goes on',
      { task: fromC, view: { lock: lockOf('d') } },
      waiting,
    ],
    ['does not lead, and is gone', { task: fromC, members: { c: null } }, cancelled('source-lost')],
    [
      'does not lead, and a late write of the sync key lets the copy elect, which may lack what was acknowledged',
      { task: fromC, dynamic: synchronous, view: { sync: naming('b') } },
      cancelled('source-lost'),
    ],
    [
      'nor does a backup have that',
      {
        task: { ...clone, methods: replicaMethods(['restore'], {}, []) },
        dynamic: synchronous,
        view: { sync: naming('b') },
      },
      cancelled('source-lost'),
    ],
    ['a base backup of the leader does', { task: clone, dynamic: synchronous, view: { sync: naming('b') } }, waiting],
    [
      'whom the key does not name copies anybody',
      { task: fromC, dynamic: synchronous, view: { sync: naming('d') } },
      waiting,
    ],
    ['so for a rewind', { task: rewind, view: { lock: lockOf('c') } }, cancelled('source-lost')],
    ['is gone for a moment', { task: rewind, ...unlocked(29) }, waiting],
    ['is gone for longer than the tool waits for it', { task: rewind, ...unlocked(30) }, cancelled('source-lost')],
    ['nobody knows while the store is silent', { task: rewind, ...unlocked(60), store: 'silent' }, waiting],
  ]);
});
