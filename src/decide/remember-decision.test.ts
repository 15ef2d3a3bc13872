import { describe, expect, test } from 'vitest';
import {
  candidate,
  crashed,
  formerPrimary,
  leader,
  type Situation,
  stopped,
  winner,
} from '../../test/support/observations.ts';
import { A, anyFiles, branch, C, fromA, LATER_LOCK, LOCK, NOW, requested } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { Action, Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import { revision, storeKey } from '../domain/names.ts';
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

const stop: PostgresTask = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null };
const start: PostgresTask = { kind: 'start', desired: anyFiles, timeout: millis(1) };
const startAlone: PostgresTask = {
  kind: 'start',
  desired: { ...anyFiles, standby: { upstream: null, slot: null, recovery: {} } },
  timeout: millis(1),
};
const down = { process: { kind: 'none' }, server: { kind: 'down' } } as const;

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
    [
      'CC31: whom I left the lead to without the store leads no more',
      { memory: { promise: { to: A, until: later(NOW, seconds(20)), slots: new Map() } } },
      { promise: null },
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
  const promotion = { backoffs: new Map([['promote', { until: NOW, failures: 3, reason: '', span: millis(250) }]]) };
  table(done(task('promotion-failed', stop)), winner, [
    [
      'W15: what was stopped because it cannot be promoted counts as a failed start, and the next lock begins anew',
      { memory: { ...promotion, role: 'demoted' } },
      { crash: { since: NOW, attempts: 1 }, backoffs: new Map() },
    ],
  ]);
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
  table(done(task('copy-from-leader', { kind: 'clone', from: fromA, methods: [], patience: seconds(10) })), stopped, [
    ['of whom a copy was made is remembered: only that is known to be its branch', {}, { copiedFrom: 'a' }],
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

  test('races that were lost long ago, and never won, say nothing of this one', () => {
    const last = { until: earlier(NOW, seconds(3_600)), failures: 9, reason: 'lost', span: seconds(5) };
    const { o, m } = candidate({ memory: { backoffs: new Map([['campaign', last]]) } });
    const sought = decision('campaign', { kind: 'acquire-lock' });
    const begun = remember(m, o, { kind: 'started', decision: sought });

    expect(failed(sought, 'lost')({ o, m: begun }).backoffs.get('campaign')).toMatchObject({ failures: 1, span: 250 });
  });

  test('success forgets the failures', () => {
    const given = candidate({ memory: earlierFailure('campaign', 3) });

    expect(done(decision('campaign', { kind: 'acquire-lock' }), LATER_LOCK)(given).backoffs.size).toBe(0);
  });

  const cancelled = after({
    kind: 'ended',
    decision: rewind,
    end: { kind: 'failed', reason: 'cancelled', cancelled: true },
  });
  table(cancelled, formerPrimary, [
    [
      'CC111: a rewind whose source went away has not failed, however often',
      { memory: { ...diverged, ...earlierFailure('rewind', 1) } },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
  table(refused(rewind), formerPrimary, [
    [
      'nor has one whose source was not ready: nothing was tried',
      { memory: { ...diverged, ...earlierFailure('rewind', 1) } },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
  test.each([
    ['refused', { notBegun: true }],
    ['cancelled', { cancelled: true }],
  ] as const)('one that was %s does not make the first that fails the last', (_, how) => {
    const end = { kind: 'failed', reason: 'not now', ...how } as const;
    const given = formerPrimary({ memory: diverged });
    const before = after({ kind: 'ended', decision: rewind, end })(given);
    expect(before.backoffs.get('rewind')).toMatchObject({ failures: 0, span: 250 });
    const again = { ...given, memory: { ...before, ...diverged } };

    expect(failed(rewind)(again).divergence).toEqual({ kind: 'unchecked' });
  });
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
  table(failed(decision('adopt-own-lock', { kind: 'adopt-lock', createRevision: LOCK, modRevision: LOCK })), stopped, [
    ['a lock that did not come gives a server that is away no more time', {}, { unavailableSince: NOW }],
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
