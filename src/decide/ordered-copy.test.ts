import { describe, expect, test } from 'vitest';
import { type Difference, decided, replica, stopped } from '../../test/support/observations.ts';
import { fromA, NOW, standbyAnswer } from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import type { Bootstrap } from '../domain/memory.ts';
import { memberName, revision, systemId } from '../domain/names.ts';
import type { Order } from '../domain/orders.ts';
import { replicaMethods } from '../domain/replica-method.ts';
import type { PostgresTask } from '../domain/task.ts';
import { earlier, seconds } from '../domain/time.ts';
import { remember } from './remember.ts';

const clone: PostgresTask = {
  kind: 'clone',
  from: fromA,
  methods: [{ kind: 'basebackup', options: [] }],
  patience: seconds(10),
};
const copy: Extract<Order, { kind: 'reinitialize' }> = {
  kind: 'reinitialize',
  fromLeader: false,
  cancels: null,
  stage: 'wanted',
};

const failed: Bootstrap = { kind: 'failed', keyRevision: revision(9n), reason: 'cancelled' };
const spare = { c: { tags: { clonefrom: true } } } as const;
const synchronous = { synchronous_mode: true } as const;
const electing = { leader: memberName('a'), voters: [memberName('b')], quorum: 0, modRevision: revision(9n) } as const;

const unreadFor = (span: number) => ({ unavailableSince: earlier(NOW, seconds(span)) });

describe('a new copy is ordered', () => {
  const given = (more: Difference = {}): Difference => ({ ...more, memory: { order: copy, ...more.memory } });
  table(decided, replica, [
    ['PostgreSQL is stopped at once', given(), runs('reinitialize-stop', { kind: 'stop', mode: 'immediate' })],
    ['also in a pause', given({ dynamic: { pause: true } }), runs('reinitialize-stop', { kind: 'stop' })],
    ['not before the leader is a primary that runs', given({ members: { a: { state: 'starting' } } }), stays('follow')],
    ['not while nobody leads', given({ view: { lock: null } }), concludes('ask-peers', { kind: 'ask-peers' })],
    [
      'CC127: the task that was under way ends first',
      { task: clone, memory: { order: { ...copy, cancels: 7 } } },
      concludes('task-gives-way', { kind: 'cancel-task' }),
    ],
    [
      'a task that came after it does not',
      { task: clone, memory: { order: { ...copy, cancels: 9 } } },
      { rule: 'task-under-way' },
    ],
  ]);
  table(decided, stopped, [
    ['then the leader is copied', given(), runs('reinitialize-copy', { kind: 'clone', from: { member: 'a' } })],
    [
      'a member tagged clonefrom is copied in its place',
      given({ members: { c: { tags: { clonefrom: true } } } }),
      runs('reinitialize-copy', { kind: 'clone', from: { member: 'c' }, fromReplica: true }),
    ],
    [
      'unless it does not stream: its timeline may only have the number of the leader’s (seed 30055397)',
      given({ members: { c: { tags: { clonefrom: true }, replicationState: null } } }),
      runs('reinitialize-copy', { kind: 'clone', from: { member: 'a' } }),
    ],
    [
      'nor when the leader itself was asked for, and then by nothing but a base backup',
      {
        members: { c: { tags: { clonefrom: true } } },
        memory: { order: { ...copy, fromLeader: true } },
        effective: { replicaMethods: replicaMethods(['restore'], {}, []) },
      },
      runs('reinitialize-copy', { kind: 'clone', from: { member: 'a' }, methods: [{ kind: 'basebackup' }] }),
    ],
    [
      'in a synchronous mode nothing but the leader itself is copied at once: the key may name me in a moment',
      given({ dynamic: synchronous, members: spare, memory: { unavailableSince: earlier(NOW, seconds(9.9)) } }),
      waits('reinitialize-copy'),
    ],
    [
      'nor is a backup',
      given({ dynamic: synchronous, effective: { replicaMethods: replicaMethods(['restore', 'basebackup'], {}, []) } }),
      waits('reinitialize-copy'),
    ],
    [
      'the leader itself is',
      given({ dynamic: synchronous, view: { sync: electing } }),
      runs('reinitialize-copy', { kind: 'clone', from: { member: 'a' } }),
    ],
    [
      'whom the key names even then copies the leader, by a base backup: anything else may lack what was acknowledged',
      given({
        dynamic: synchronous,
        members: spare,
        view: { sync: electing },
        memory: { unavailableSince: earlier(NOW, seconds(10)) },
        effective: { replicaMethods: replicaMethods(['restore'], {}, []) },
      }),
      runs('reinitialize-copy', { kind: 'clone', from: { member: 'a' }, methods: [{ kind: 'basebackup' }] }),
    ],
    [
      'whom the key does not name copies a replica then',
      given({
        dynamic: synchronous,
        members: spare,
        view: { sync: { ...electing, voters: [] } },
        memory: { unavailableSince: earlier(NOW, seconds(10)) },
      }),
      runs('reinitialize-copy', { kind: 'clone', from: { member: 'c' }, fromReplica: true }),
    ],
    [
      'whom no key ever names does so at once',
      given({ dynamic: synchronous, members: spare, tags: { nosync: true } }),
      runs('reinitialize-copy', { kind: 'clone', from: { member: 'c' }, fromReplica: true }),
    ],
    [
      'in a pause the copy is started all the same',
      given({
        dynamic: { pause: true },
        memory: { order: { ...copy, stage: 'copied' } },
        directory: { signal: 'standby', hasBackupLabel: true },
      }),
      runs('start-fresh-copy', { kind: 'start' }),
    ],
    [
      'what is of another cluster is perhaps the last copy of that, and stays (seed 31000245)',
      given({ control: { systemId: systemId('9900000000000000009') } }),
      concludes('foreign-cluster', { kind: 'exit' }),
    ],
    [
      'in a pause, too',
      given({ control: { systemId: systemId('9900000000000000009') }, dynamic: { pause: true } }),
      stays('pause-foreign-cluster'),
    ],
    [
      'nor is anything removed before the leader has registered its cluster: it may be another one',
      given({ view: { initialize: { kind: 'in-progress', modRevision: revision(9n) } } }),
      { rule: 'ask-leader-history' },
    ],
    [
      'what a creation that failed has left is set aside for a person, not replaced (seed 20319012)',
      given({ directory: { kind: 'empty', unfinished: true }, memory: { bootstrap: failed } }),
      runs('bootstrap-failed', { kind: 'set-aside-data' }),
    ],
    [
      'nor is anything copied for whoever has won the right to create the cluster: it would pass for what is created',
      given({ directory: { kind: 'empty' }, memory: { bootstrap: { kind: 'won', keyRevision: revision(9n) } } }),
      concludes('bootstrap-failed', { kind: 'exit' }),
    ],
    [
      'what nobody can read is copied anew',
      given({ control: { systemId: null }, memory: unreadFor(5) }),
      runs('reinitialize-copy', { kind: 'clone', from: { member: 'a' } }),
    ],
    [
      'one failure to read it is none',
      given({ control: { systemId: null }, memory: unreadFor(4.9) }),
      waits('system-id-unreadable'),
    ],
    [
      'nor is a file system that does not answer: another cluster may lie there',
      given({ directory: { kind: 'inaccessible', reason: 'not in time' }, memory: unreadFor(60) }),
      waits('data-directory-inaccessible'),
    ],
    [
      'what is no cluster is replaced',
      given({ directory: { kind: 'inaccessible', reason: 'it has no PG_VERSION', holdsNoCluster: true } }),
      runs('reinitialize-copy', { kind: 'clone' }),
    ],
  ]);

  test('the order lasts until the copy runs, or nobody else leads', () => {
    const { o, m } = stopped(given());
    const decision = decided({ o, m });
    const done = { kind: 'done', systemId: null, revision: null } as const;
    const copied = remember(m, o, { kind: 'ended', decision, end: done });

    expect(copied.order).toMatchObject({ stage: 'copied' });
    expect(remember(m, o, { kind: 'ended', decision, end: { kind: 'failed', reason: 'no space' } }).order).toEqual(
      copy,
    );
    const runsAgain = replica({ memory: { order: copied.order }, server: standbyAnswer() });
    expect(remember(runsAgain.m, runsAgain.o, { kind: 'report' }).order).toBeNull();
    const unled = stopped(given({ view: { lock: null } }));
    expect(remember(unled.m, unled.o, { kind: 'report' }).order).toBeNull();
  });
});
