import { describe } from 'vitest';
import { type Difference, decided, leader, member, stopped } from '../../test/support/observations.ts';
import {
  branch,
  cleanPlace,
  doubtful,
  HEAD,
  held,
  LATER_LOCK,
  LOCK,
  lockOf,
  NOW,
  RUNNING,
} from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { Memory } from '../domain/memory.ts';
import { memberName, revision, storeKey } from '../domain/names.ts';
import { replicaMethods } from '../domain/replica-method.ts';
import { earlier, seconds } from '../domain/time.ts';

const spare = { tags: { clonefrom: true } } as const;
const twoSpare = {
  members: [member('a', 1), member('b', 2), { ...member('c', 3), ...spare }, { ...member('d', 4), ...spare }],
};
const failedCopies = (failures: number) => ({
  backoffs: new Map([['copy-from-leader', { until: NOW, failures, reason: 'it failed', span: seconds(1) }]]),
});
const restoring = {
  replicaMethods: replicaMethods(['basebackup', 'restore'], { restore: { no_leader: true } }, []),
} as const;
/** `b`, with an empty directory. */
const empty = (difference: Difference) => stopped({ directory: { kind: 'empty' }, ...difference });
const CLAIM = revision(80n);
const inProgress = { kind: 'in-progress', modRevision: CLAIM } as const;
const forgotten = { lock: null, initialize: { kind: 'absent' } } as const;
const nothingYet = { ...forgotten, members: [member('b', 2)] } as const;
const mine = { lock: null, initialize: inProgress } as const;
const lastHolder = { name: memberName('a'), members: [member('a', 1), member('b', 2)], seenAt: NOW };
const won = { bootstrap: { kind: 'won', keyRevision: CLAIM } } as const;

const leaderlessFollower = { view: { lock: null }, dynamic: { standby_cluster: { host: 'far', port: 5432 } } };

describe('the directory is empty', () => {
  table(decided, empty, [
    ['a leader runs: it is copied', {}, runs('copy-from-leader', { kind: 'clone', from: { member: 'a' } })],
    [
      'CC48, PG-50: a running member tagged clonefrom is copied, so that the leader is spared',
      { members: { c: spare } },
      runs('copy-from-leader', { kind: 'clone', from: { member: 'c' }, fromReplica: true }),
    ],
    [
      'whom the sync key lets elect copies the leader, by a base backup: anything else may lack what was acknowledged',
      {
        dynamic: { synchronous_mode: true },
        members: { c: spare },
        view: { sync: { leader: memberName('a'), voters: [memberName('b')], quorum: 0, modRevision: revision(9n) } },
        effective: { replicaMethods: replicaMethods(['restore'], {}, []) },
      },
      runs('copy-from-leader', { kind: 'clone', from: { member: 'a' }, methods: [{ kind: 'basebackup' }] }),
    ],
    [
      'PG-50: of two of them one, and never the leader',
      { view: twoSpare },
      runs('copy-from-leader', { kind: 'clone', from: { member: 'c' } }),
    ],
    [
      'what has failed is not tried again at once: the other one is',
      { view: twoSpare, memory: failedCopies(1) },
      runs('copy-from-leader', { kind: 'clone', from: { member: 'd' } }),
    ],
    [
      'and when all have failed, the leader',
      { view: twoSpare, memory: failedCopies(2) },
      runs('copy-from-leader', { kind: 'clone', from: { member: 'a' } }),
    ],
    [
      'one that does not run is not copied',
      { members: { c: { ...spare, state: 'starting' } } },
      runs('copy-from-leader', { kind: 'clone', from: { member: 'a' } }),
    ],
    [
      'nor one that is on another timeline than the leader',
      { members: { c: { ...spare, timeline: branch(2) } } },
      runs('copy-from-leader', { kind: 'clone', from: { member: 'a' } }),
    ],
    [
      'CC45, PG-53: nobody leads, and a method needs nobody: a backup is copied',
      { view: { lock: null }, effective: restoring, memory: { unlockedSince: earlier(NOW, seconds(60)) } },
      runs('copy-without-leader', { kind: 'clone', from: null, methods: [{ name: 'restore' }] }),
    ],
    [
      'in a cluster that follows another one that one is copied',
      { ...leaderlessFollower, memory: { unlockedSince: earlier(NOW, seconds(60)) } },
      runs('copy-without-leader', { kind: 'clone', from: { host: 'far' } }),
    ],
    [
      'nor is that copied at once: somebody may be about to lead',
      { ...leaderlessFollower, memory: { unlockedSince: earlier(NOW, seconds(1)) } },
      waits('wait-for-leader'),
    ],
    [
      'but an election that has just begun is waited for',
      { view: { lock: null }, effective: restoring, memory: { unlockedSince: earlier(NOW, seconds(1)) } },
      waits('wait-for-leader'),
    ],
    [
      'CC44: nor while somebody is creating the cluster',
      { view: mine, effective: restoring, memory: { unlockedSince: earlier(NOW, seconds(60)) } },
      waits('wait-for-leader'),
    ],
    [
      'PG-53: without such a method a leader is waited for',
      { view: { lock: null }, memory: { unlockedSince: earlier(NOW, seconds(60)) } },
      waits('wait-for-leader'),
    ],
    [
      'a leader of which nothing is heard for a ttl counts as gone',
      { dynamic: { ttl: 40 } },
      runs('copy-from-leader', { kind: 'clone', patience: seconds(40) }),
    ],
    [
      'but never after less than ten seconds',
      { dynamic: { ttl: 5, loop_wait: 1, retry_timeout: 2 } },
      runs('copy-from-leader', { kind: 'clone', patience: seconds(10) }),
    ],
    [
      'a leader that is no primary yet is waited for',
      { members: { a: { role: 'replica' } } },
      waits('wait-for-leader'),
    ],
    ['one that is just starting, too', { members: { a: { state: 'starting' } } }, waits('wait-for-leader')],
    ['one without an address, too', { members: { a: { connUrl: null } } }, waits('wait-for-leader')],
    ['one whose key is missing, too', { members: { a: null } }, waits('wait-for-leader')],
    [
      'CC42: no cluster exists: the right to create one is claimed',
      { view: nothingYet, memory: { lastHolder: null } },
      concludes('win-initialize', {
        kind: 'write',
        write: { when: [{ kind: 'absent', key: storeKey('initialize') }] },
      }),
    ],
    [
      'the store has lost its keys, or a person removed this one: where data lies a cluster exists, and no other is created',
      { view: forgotten },
      concludes('wait-for-leader', { kind: 'wait', for: 'a leader: a has data of a cluster' }),
    ],
    [
      'also while those who have data have not written their own keys again',
      { view: nothingYet, memory: { lastHolder, unlockedSince: earlier(NOW, seconds(29)) } },
      waits('wait-for-leader'),
    ],
    [
      'for one ttl: whoever removed the whole cluster, and its data, waits no longer for the next one',
      { view: nothingYet, memory: { lastHolder, unlockedSince: earlier(NOW, seconds(30)) } },
      { rule: 'win-initialize' },
    ],
    ['C-53, CC44: somebody is at it: wait', { view: mine }, waits('wait-for-leader')],
    [
      'somebody was at it for a whole ttl and no living member is: the claim is removed',
      { view: mine, memory: { initializeAbandonedSince: earlier(NOW, seconds(30)) } },
      concludes('clear-abandoned-initialize', {
        kind: 'write',
        write: { action: { kind: 'delete' }, when: [{ revision: CLAIM }] },
      }),
    ],
    [
      'not before a whole ttl',
      { view: mine, memory: { initializeAbandonedSince: earlier(NOW, seconds(29)) } },
      waits('wait-for-leader'),
    ],
    ['a cluster without a leader is waited for', { view: { lock: null } }, waits('wait-for-leader')],
    [
      'CC43: a member tagged nofailover creates none',
      { view: nothingYet, memory: { lastHolder: null }, tags: { nofailover: true } },
      waits('wait-for-leader'),
    ],
    [
      'nor does one in a pause',
      { view: nothingYet, dynamic: { pause: true } },
      concludes('pause-leave-alone', { kind: 'stay' }),
    ],
    [
      'CC50: the lock is mine: it is given up',
      { view: { lock: lockOf('b') } },
      concludes('release-without-data', { kind: 'release-lock', createRevision: LATER_LOCK }),
    ],
    [
      'what was given up already is nobody’s',
      { view: { lock: lockOf('b') }, memory: { released: LATER_LOCK } },
      waits('wait-for-leader'),
    ],
    [
      'a server whose files are gone from under it is stopped before anything is put in their place',
      { process: RUNNING, server: { kind: 'rejecting' } },
      { action: { kind: 'run', task: { kind: 'stop', mode: 'immediate' } } },
    ],
  ]);
  table(decided, leader, [
    [
      'a leader whose files are gone is stopped, before its lock is given up',
      { directory: { kind: 'empty' } },
      runs('stop-without-data', { kind: 'stop', mode: 'immediate' }),
    ],
  ]);
});

describe('the directory cannot be read', () => {
  const broken = { directory: { kind: 'inaccessible', reason: 'input/output error' } } as const;
  const down = { server: { kind: 'down' }, process: { kind: 'none' } } as const;
  const forAWhile = { unavailableSince: earlier(NOW, seconds(5)), guardianRests: true };
  const handOver = { handOver: { candidate: null, since: NOW }, reign: null };
  const read = (memory: Partial<Memory>) => ({
    ...broken,
    ...down,
    memory: { ...forAWhile, shutDownAt: HEAD, ...memory },
  });
  const told = (lastLsn: typeof HEAD | null) => concludes('release-without-data', { kind: 'release-lock', lastLsn });
  table(decided, stopped, [['CC51: a person has to look at it', broken, waits('data-directory-inaccessible')]]);
  table(decided, leader, [
    ['a disk that hangs hides no server that answers', broken, { rule: 'lead' }],
    [
      'PostgreSQL being down, it has a moment to come back',
      { ...broken, ...down, memory: { unavailableSince: NOW } },
      waits('data-directory-inaccessible'),
    ],
    [
      'with PostgreSQL down the lock is given up: renewed, it would keep everybody from leading',
      { ...broken, ...down, memory: forAWhile },
      concludes('release-without-data', { kind: 'release-lock', createRevision: LOCK }),
    ],
    [
      'also when its release was refused before',
      { ...broken, ...down, lock: doubtful(), memory: forAWhile },
      concludes('release-without-data', { kind: 'release-lock', createRevision: LOCK }),
    ],
    ['in a hand-over with what its successor must have, if that was read (seed 10006478)', read(handOver), told(HEAD)],
    ['without one with what was written under this very lock: a request may steer that race too', read({}), told(HEAD)],
    ['not what was written under another one, perhaps on another timeline', read({ reign: null }), told(null)],
  ]);
});

describe('I won the right to create the cluster', () => {
  const locked = { view: { ...mine, lock: lockOf('b'), ...cleanPlace }, lock: held({ createRevision: LATER_LOCK }) };
  table(decided, empty, [
    [
      'the lock comes first, so that the first start is guarded',
      { view: mine, memory: won },
      concludes('first-lock', { kind: 'acquire-lock' }),
    ],
    [
      'then initdb',
      { ...locked, memory: won },
      runs('create-cluster', { kind: 'bootstrap', desired: { standby: null } }),
    ],
    [
      'not without a guardian',
      { ...locked, memory: won, lease: { guardian: 'absent' } },
      waits('lease-too-short-to-start'),
    ],
    ['not without the store', { view: mine, memory: won, store: 'silent' }, waits('store-not-seen')],
    [
      'the claim was lost to another: everything ends',
      { view: nothingYet, memory: won },
      concludes('bootstrap-failed', { kind: 'exit', code: 1 }),
    ],
  ]);
  table(decided, leader, [
    [
      'created, it is led like any other cluster',
      {
        view: { initialize: inProgress },
        memory: { bootstrap: { kind: 'created', keyRevision: CLAIM, systemId: null } },
      },
      { rule: 'lead' },
    ],
  ]);
});
