import { describe, expect, test } from 'vitest';
import {
  candidate,
  crashed,
  type Difference,
  formerPrimary,
  leader,
  replica,
  type Situation,
  stopped,
  winner,
} from '../../test/support/observations.ts';
import {
  A,
  ahead,
  anyFiles,
  B,
  behind,
  branch,
  C,
  fromA,
  HEAD,
  history,
  idleStandby,
  LATER_LOCK,
  LOCK,
  lockOf,
  NOW,
  requested,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { unusedSlot } from '../../test/support/slots.ts';
import { table } from '../../test/support/table.ts';
import type { Action, Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import { revision, slotName, storeKey } from '../domain/names.ts';
import type { PostgresTask } from '../domain/task.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { conclude } from './conclude.ts';
import type { Happening } from './happening.ts';
import { remember } from './remember.ts';
import type { RuleId } from './rules.ts';

/** What is remembered once `happening` has happened in this situation. */
const after =
  (happening: Happening) =>
  ({ o, m }: Situation): Memory =>
    remember(m, o, happening);
const decision = (rule: RuleId, action: Action): Decision => conclude(rule, action);
const task = (rule: RuleId, what: PostgresTask): Decision => decision(rule, { kind: 'run', task: what });
const started = (what: Decision) => after({ kind: 'started', decision: what });
const done = (what: Decision, createRevision: typeof LOCK | null = null) =>
  after({ kind: 'ended', decision: what, end: { kind: 'done', systemId: null, revision: createRevision } });
const failed = (what: Decision, reason = 'it broke') =>
  after({ kind: 'ended', decision: what, end: { kind: 'failed', reason } });
const refused = (what: Decision) =>
  after({ kind: 'ended', decision: what, end: { kind: 'failed', reason: 'refused', notBegun: true } });

const pending = { kind: 'pending', since: NOW } as const;
const stop: PostgresTask = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null };
const start: PostgresTask = { kind: 'start', desired: anyFiles, timeout: millis(1) };
const startAlone: PostgresTask = {
  kind: 'start',
  desired: { ...anyFiles, standby: { upstream: null, slot: null, recovery: {} } },
  timeout: millis(1),
};
const down = { process: { kind: 'none' }, server: { kind: 'down' } } as const;

describe('after a look at PostgreSQL', () => {
  const looked = after({ kind: 'report' });
  table(looked, leader, [
    [
      'a primary that vanished has crashed',
      { ...down, memory: { crash: null } },
      { crash: { since: NOW, attempts: 0 } },
    ],
    [
      'since when is told by the first look that missed it',
      { ...down, memory: { crash: { since: earlier(NOW, seconds(9)), attempts: 2 } } },
      { crash: { since: earlier(NOW, seconds(9)), attempts: 2 } },
    ],
    ['one that was stopped has not', { ...down, memory: { role: 'demoted' } }, { crash: null }],
    ['one that a task is working on has not', { ...down, task: stop }, { crash: null }],
    [
      'backends that outlived it are a crash, too',
      { server: { kind: 'down' }, process: { kind: 'orphaned', processCount: 1 } },
      { crash: { attempts: 0 } },
    ],
    [
      'an answer ends a crash',
      { memory: { crash: { since: NOW, attempts: 2 }, unavailableSince: NOW } },
      { crash: null, unavailableSince: null },
    ],
    ['silence is no crash', { server: { kind: 'silent', since: NOW } }, { crash: null, unavailableSince: NOW }],
    ['its reign is that of the lock proven at this moment', { memory: { reign: null } }, { reign: LOCK }],
    ['without a proof it is nobody’s', { memory: { reign: null }, lock: { kind: 'not-held' } }, { reign: null }],
    [
      'a primary on a new timeline without its checkpoint has one pending',
      { memory: { checkpoint: pending }, control: { checkpointTimeline: branch(2) } },
      { checkpoint: { kind: 'pending' } },
    ],
    ['one that has checkpointed has none', { memory: { checkpoint: pending } }, { checkpoint: { kind: 'done' } }],
    [
      'while it does not answer, a restarted agent does not know of any',
      { memory: { checkpoint: pending }, server: { kind: 'rejecting' } },
      { checkpoint: { kind: 'pending' } },
    ],
    [
      'a primary that nobody succeeded ends its hand-over',
      { memory: { handOver: { candidate: C, since: NOW } } },
      { handOver: null },
    ],
    [
      'not while the stop for it is under way',
      { task: stop, memory: { handOver: { candidate: C, since: NOW } } },
      { handOver: { candidate: C } },
    ],
  ]);
  table(looked, replica, [
    ['a replica that vanished is no crashed primary', down, { crash: null, role: 'replica' }],
    [
      'streaming from the leader shows that it fits',
      { memory: { divergence: { kind: 'unchecked' } } },
      { divergence: { kind: 'fits', leader: A, leaderTimeline: 3 } },
    ],
    [
      'streaming from anybody else does not',
      { view: { lock: lockOf('c') }, memory: { divergence: { kind: 'unchecked' } } },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'neither does following without a stream',
      { server: idleStandby(), memory: { divergence: { kind: 'unchecked' } } },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'the further of received and replayed is its position',
      { server: standbyAnswer({ replayLsn: ahead(5n) }) },
      { position: { lsn: ahead(5n), at: NOW } },
    ],
    [
      'what is not known leaves the last that was',
      { server: standbyAnswer({ receiveLsn: null, replayLsn: null }) },
      { position: { lsn: HEAD } },
    ],
  ]);
  table(looked, formerPrimary, [
    [
      'a hand-over lasts until PostgreSQL is back',
      { memory: { handOver: { candidate: C, since: NOW } } },
      { handOver: { candidate: C } },
    ],
  ]);
});

describe('after a picture of the cluster', () => {
  const seen = after({ kind: 'view', gapless: true });
  const mine = { lockContinuity: { kind: 'mine', createRevision: LOCK } } as const;
  const deleted = { view: { lock: null }, memory: mine };
  table(seen, leader, [
    [
      'the lock is mine',
      { memory: { lockContinuity: { kind: 'unknown' } } },
      { lockContinuity: { kind: 'mine', createRevision: LOCK }, unlockedSince: null },
    ],
    [
      'C-30: an unbroken chain shows that it vanished',
      deleted,
      { lockContinuity: { kind: 'vanished', createRevision: LOCK, at: NOW }, unlockedSince: NOW },
    ],
    [
      'it stays vanished',
      {
        view: { lock: null },
        memory: { lockContinuity: { kind: 'vanished', createRevision: LOCK, at: earlier(NOW, seconds(1)) } },
      },
      { lockContinuity: { kind: 'vanished', at: earlier(NOW, seconds(1)) } },
    ],
    [
      'somebody else has it',
      { view: { lock: lockOf('c') } },
      { lockContinuity: { kind: 'unknown' }, acquired: null, lastHolder: { name: C } },
    ],
    [
      'a late picture from before my own creation takes nothing away',
      { view: { lock: lockOf('c'), revision: revision(LOCK - 1n) } },
      { acquired: { createRevision: LOCK } },
    ],
    [
      'since when nobody leads is told by the first that shows it',
      { view: { lock: null }, memory: { unlockedSince: earlier(NOW, seconds(2)) } },
      { unlockedSince: earlier(NOW, seconds(2)) },
    ],
    [
      'a lock that I gave away is nobody’s',
      { memory: { released: LOCK } },
      { unlockedSince: NOW, lockContinuity: { kind: 'vanished' } },
    ],
  ]);
  table(after({ kind: 'view', gapless: false }), leader, [
    ['with a gap in between somebody may have had it', deleted, { lockContinuity: { kind: 'unknown' } }],
  ]);
  table(seen, replica, [
    ['what was found out about a leader stays', {}, { divergence: { kind: 'fits', leader: A } }],
    ['says nothing of the next', { view: { lock: lockOf('c') } }, { divergence: { kind: 'unchecked' } }],
    [
      'nor of the same on a newer timeline',
      { members: { a: { timeline: branch(4) } } },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'and survives a while without one',
      { view: { lock: null } },
      { divergence: { kind: 'fits' }, lastHolder: { name: A } },
    ],
    ['yielding ends with its time', { memory: { yielded: { to: null, until: NOW } } }, { yielded: null }],
    [
      'or with a new leader',
      { view: { lock: lockOf('c') }, memory: { yielded: { to: C, until: later(NOW, seconds(9)) } } },
      { yielded: null },
    ],
    [
      'not before',
      { view: { lock: null }, memory: { yielded: { to: C, until: later(NOW, seconds(9)) } } },
      { yielded: { to: C } },
    ],
  ]);

  test('a member slot is as fresh as the member: also one that was there until this very picture', () => {
    const { o, m } = replica({
      members: { c: null },
      memory: { slotSeen: new Map([[slotName('c'), earlier(NOW, seconds(7_200))]]) },
    });

    expect(seen({ o, m }).slotSeen.get(slotName('c'))).toBe(NOW);
  });

  test('SL18: a new leader gives every slot that the last one kept the whole time once more', () => {
    const status = { lastLsn: HEAD, slots: new Map(), retainSlots: [slotName('gone'), slotName('b')] };
    const { o, m } = candidate({
      view: { status, lock: null },
      memory: { slotSeen: new Map([[slotName('gone'), earlier(NOW, seconds(1_700))]]) },
    });
    const acquired = decision('campaign', { kind: 'acquire-lock' });
    const end = { kind: 'done', systemId: null, revision: revision(99n) } as const;
    const { slotSeen } = remember(m, o, { kind: 'ended', decision: acquired, end });

    expect(slotSeen.get(slotName('gone'))).toBe(NOW);
    expect(slotSeen.has(slotName('b')), 'its own').toBe(false);
  });

  test('where nobody has told which slots are kept, a new leader keeps all that are here (seed 710233)', () => {
    const { o, m } = candidate({
      server: standbyAnswer({ slots: [unusedSlot('gone')] }),
      memory: { slotSeen: new Map() },
    });
    const end = { kind: 'done', systemId: null, revision: revision(99n) } as const;
    const acquired = decision('campaign', { kind: 'acquire-lock' });

    expect([...remember(m, o, { kind: 'ended', decision: acquired, end }).slotSeen]).toEqual([['gone', NOW]]);
  });

  test('a slot that the last leader kept gets a fresh time when it is first heard of', () => {
    const status = { lastLsn: HEAD, slots: new Map(), retainSlots: [slotName('gone'), slotName('b')] };

    expect([...seen(replica({ view: { status } })).slotSeen.keys()].toSorted()).toEqual(['a', 'c', 'gone']);
  });

  test('an initialize key whose owner is nowhere at work is abandoned since the first picture that shows it so', () => {
    const inProgress = { lock: null, initialize: { kind: 'in-progress', modRevision: revision(9n) } } as const;
    const atRest = { a: { state: 'stopped' }, c: null };

    expect(seen(stopped({ view: inProgress, members: atRest })).initializeAbandonedSince).toBe(NOW);
    expect(
      seen(stopped({ view: inProgress, members: { ...atRest, a: { state: 'initializing new cluster' } } }))
        .initializeAbandonedSince,
    ).toBeNull();
    expect(
      seen(stopped({ members: atRest, memory: { initializeAbandonedSince: NOW } })).initializeAbandonedSince,
    ).toBeNull();
  });
});

describe('after the leader’s history', () => {
  const told = after({ kind: 'history' });
  table(told, stopped, [
    [
      'what fits is remembered',
      { observation: { leaderHistory: history() } },
      { divergence: { kind: 'fits', leader: A, leaderTimeline: 4 } },
    ],
    [
      'what diverged, too',
      { observation: { leaderHistory: history({}, behind(1n)) } },
      { divergence: { kind: 'diverged' } },
    ],
    [
      'an answer that says nothing changes nothing',
      {
        observation: { leaderHistory: history({ member: B }) },
        memory: { divergence: { kind: 'fits', leader: A, leaderTimeline: branch(3) } },
      },
      { divergence: { kind: 'fits', leaderTimeline: 3 } },
    ],
    [
      'a rewind that failed is not forgotten',
      {
        observation: { leaderHistory: history() },
        memory: { divergence: { kind: 'rewind-failed', leader: A, attempts: 2, why: '' } },
      },
      { divergence: { kind: 'rewind-failed' } },
    ],
  ]);
});

describe('when a task begins', () => {
  table(started(task('lock-lost', stop)), leader, [
    ['a primary that is stopped is no crash from here on', {}, { role: 'demoted', crash: null, handOver: null }],
  ]);
  table(started(task('switchover-accepted', stop)), leader, [
    [
      'the stop of a switchover begins the hand-over',
      { view: { failover: requested({ candidate: C }) } },
      { handOver: { candidate: C, since: NOW } },
    ],
  ]);
  table(started(task('start-timeout', stop)), leader, [
    [
      'one that is stopped because it did not come back counts as a failed start',
      { memory: { crash: null } },
      { crash: { since: NOW, attempts: 1 } },
    ],
  ]);
  table(started(task('restart-in-place', start)), crashed, [
    ['a restart after a crash is counted before it is known to work', {}, { crash: { attempts: 1 } }],
  ]);
  table(started(task('promote', { kind: 'promote', safety: millis(1) })), winner, [
    [
      'CC6: the checkpoint is pending before anybody can see the new timeline',
      {},
      { role: 'promoted', checkpoint: { kind: 'pending' } },
    ],
  ]);
  table(started(decision('campaign', { kind: 'acquire-lock' })), candidate, [
    ['whoever seeks the lock has its guardian armed', {}, { guardianRests: false }],
  ]);
});

describe('when a decision has been carried out', () => {
  const acquire = decision('campaign', { kind: 'acquire-lock' });
  const release = decision('switchover-release', { kind: 'release-lock', createRevision: LOCK, lastLsn: null });
  const outrun = decision('outrun-after-acquire', { kind: 'release-lock', createRevision: LATER_LOCK, lastLsn: null });
  table(done(acquire, LATER_LOCK), candidate, [
    [
      'a lock that was won ends everything that was given up',
      { memory: { released: LOCK, yielded: { to: C, until: NOW }, handOver: { candidate: C, since: NOW } } },
      { acquired: { createRevision: LATER_LOCK, at: NOW, how: 'race' }, released: null, yielded: null, handOver: null },
    ],
  ]);
  table(done(release), crashed, [
    [
      'a lock that was given away is not mine in a late picture',
      {},
      { released: LOCK, acquired: null, unlockedSince: NOW },
    ],
    [
      'its giver keeps out of the race for a while',
      { memory: { handOver: { candidate: C, since: NOW } } },
      { yielded: { to: C, until: later(NOW, seconds(5)) }, handOver: { candidate: C } },
    ],
  ]);
  table(done(outrun), winner, [
    ['one that was outrun keeps out only shortly', {}, { yielded: { to: null, until: later(NOW, seconds(2)) } }],
  ]);
  table(done(task('start-follow', start)), stopped, [
    ['what the files were made to say is remembered', {}, { applied: anyFiles }],
  ]);
  table(done(task('start-unverified', startAlone)), stopped, [
    [
      'what starts alone is compared once more when all of its WAL is replayed',
      { memory: { divergence: { kind: 'fits', leader: A, leaderTimeline: branch(4) } } },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
  table(done(task('rewind', { kind: 'rewind', from: fromA, options: [], patience: seconds(10) })), formerPrimary, [
    [
      'a rewound directory is compared anew',
      { memory: { divergence: { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: '' } } },
      { divergence: { kind: 'unchecked' }, applied: null },
    ],
  ]);
  table(done(task('recover-before-check', { kind: 'crash-recovery' })), formerPrimary, [
    [
      'what was recovered is compared anew (seed 409029)',
      { memory: { divergence: { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: '' } } },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
  const nothingToRewind = after({
    kind: 'ended',
    decision: task('rewind', { kind: 'rewind', from: fromA, options: [], patience: seconds(10) }),
    end: { kind: 'done', systemId: null, revision: null, unchanged: true },
  });
  table(nothingToRewind, formerPrimary, [
    [
      'a directory in which pg_rewind found nothing to do fits, whatever the comparison thought',
      { memory: { divergence: { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: '' } } },
      { divergence: { kind: 'fits', leader: A, leaderTimeline: 4 }, applied: null },
    ],
    [
      'but not one on a timeline that the leader lacks: its history file stays (seed 438159)',
      { memory: { divergence: { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: '', isForeign: true } } },
      { divergence: { kind: 'rewind-failed', leader: A } },
    ],
    [
      'when it was not compared, it is compared now',
      { memory: { divergence: { kind: 'unchecked' } } },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
  table(
    done(
      decision('win-initialize', {
        kind: 'write',
        write: { key: storeKey('initialize'), action: { kind: 'delete' }, when: [] },
      }),
      revision(80n),
    ),
    stopped,
    [['a claim to create the cluster is mine', {}, { bootstrap: { kind: 'won', keyRevision: 80n } }]],
  );
});

describe('when it could not be carried out', () => {
  const rewind = task('rewind', { kind: 'rewind', from: fromA, options: [], patience: seconds(10) });
  const diverged = { divergence: { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: '' } } as const;
  const earlierFailure = (rule: string, failures: number) => ({
    backoffs: new Map([[rule, { until: NOW, failures, reason: '', span: millis(250) }]]),
  });

  test('it backs off for longer each time, but not without limit', () => {
    const spans: number[] = [];
    let { m } = candidate();
    const { o } = candidate();
    for (let round = 0; round < 8; round += 1) {
      m = failed(decision('campaign', { kind: 'acquire-lock' }), 'lost')({ o, m });
      spans.push((m.backoffs.get('campaign')?.until ?? NOW) - NOW);
    }
    expect(spans).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  test('success forgets the failures', () => {
    const given = candidate({ memory: earlierFailure('campaign', 3) });

    expect(done(decision('campaign', { kind: 'acquire-lock' }), LATER_LOCK)(given).backoffs.size).toBe(0);
  });

  const again = (failures: number) => ({
    backoffs: new Map([['start-fresh-copy', { until: NOW, failures, reason: '', span: millis(1) }]]),
  });
  table(failed(task('start-fresh-copy', start), 'no checkpoint record'), stopped, [
    ['a copy that does not start may start yet', { memory: again(1) }, { divergence: { kind: 'unchecked' } }],
    [
      'a base backup, or what a person restored, may start yet: its port may be taken, its disk full',
      { memory: again(2) },
      { divergence: { kind: 'unchecked' } },
    ],
    [
      'a rewound one that did not three times is beyond rewinding',
      { memory: { ...again(2), rewound: true } },
      { divergence: { kind: 'rewind-failed', leader: A, attempts: 3, why: 'no checkpoint record' } },
    ],
    [
      'without a leader there is nobody to copy from',
      { memory: { ...again(2), rewound: true }, view: { lock: null } },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
  const cancelled = after({
    kind: 'ended',
    decision: rewind,
    end: { kind: 'failed', reason: 'cancelled', cancelled: true },
  });
  table(cancelled, formerPrimary, [
    [
      'a rewind whose source went away has not failed, however often',
      { memory: { ...diverged, ...earlierFailure('rewind', 1) } },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
  table(failed(rewind), formerPrimary, [
    ['a rewind that failed once is looked into again', { memory: diverged }, { divergence: { kind: 'unchecked' } }],
    [
      'one that failed twice is beyond rewinding',
      { memory: { ...diverged, ...earlierFailure('rewind', 1) } },
      { divergence: { kind: 'rewind-failed', leader: A, attempts: 2, why: 'it broke' } },
    ],
  ]);
  table(failed(task('start-to-promote', start)), winner, [
    ['a start under my lock that failed is as good as a crash', down, { crash: { since: NOW, attempts: 1 } }],
  ]);
  table(failed(task('restart-same-reign', start)), crashed, [
    ['so is one after a stop as a precaution', { memory: { crash: null } }, { crash: { attempts: 1 } }],
  ]);
  table(refused(task('restart-same-reign', start)), crashed, [
    ['one that was refused says nothing (seed 440661)', { memory: { crash: null } }, { crash: null }],
    ['nor does it count as a try', { memory: { crash: { since: NOW, attempts: 1 } } }, { crash: { attempts: 0 } }],
  ]);
  table(failed(task('start-follow', start)), stopped, [
    ['a replica that did not start has not crashed as a primary', {}, { crash: null }],
  ]);
  table(refused(task('promote', { kind: 'promote', safety: millis(1) })), winner, [
    ['a promotion that was refused leaves a replica', { memory: { role: 'promoted' } }, { role: 'replica' }],
  ]);
  table(failed(task('switchover-accepted', stop)), leader, [
    [
      'a switchover whose stop failed is none',
      { memory: { handOver: { candidate: C, since: NOW } } },
      { handOver: null },
    ],
  ]);
  table(
    failed(task('create-cluster', { kind: 'bootstrap', desired: anyFiles, safety: millis(1) }), 'initdb failed'),
    stopped,
    [
      [
        'a cluster that could not be created is undone',
        { memory: { bootstrap: { kind: 'won', keyRevision: revision(80n) } } },
        { bootstrap: { kind: 'failed', keyRevision: 80n, reason: 'initdb failed' } },
      ],
    ],
  );
});

describe('the checkpoint after a promotion', () => {
  const running = { memory: { checkpoint: { kind: 'running', since: NOW } } } as const;
  const pending = { memory: { checkpoint: { kind: 'pending', since: NOW } } } as const;
  table(after({ kind: 'checkpoint-started' }), leader, [
    ['is under way', pending, { checkpoint: { kind: 'running' } }],
  ]);
  table(after({ kind: 'checkpoint-ended', done: true }), leader, [
    ['is done', running, { checkpoint: { kind: 'done' } }],
    ['is not done by one that was begun before the promotion', pending, { checkpoint: { kind: 'pending' } }],
  ]);
  table(after({ kind: 'checkpoint-ended', done: false }), leader, [
    ['is begun again when it failed', running, { checkpoint: { kind: 'pending' } }],
  ]);
});

test('when the agent was first asked to leave counts', () => {
  const ask = after({ kind: 'stop-requested' });
  const first: Difference = { memory: { leaving: earlier(NOW, seconds(3)) } };

  expect(ask(leader()).leaving).toBe(NOW);
  expect(ask(leader(first)).leaving).toBe(earlier(NOW, seconds(3)));
});
