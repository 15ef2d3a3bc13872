import { describe, expect, test } from 'vitest';
import {
  type Difference,
  formerPrimary,
  leader,
  replica,
  type Situation,
  stopped,
} from '../../test/support/observations.ts';
import {
  A,
  ahead,
  B,
  behind,
  branch,
  C,
  HEAD,
  history,
  idleStandby,
  LOCK,
  lockOf,
  NOW,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { Memory } from '../domain/memory.ts';
import type { PostgresTask } from '../domain/task.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import type { Happening } from './happening.ts';
import { remember } from './remember.ts';

/** What is remembered once `happening` has happened in this situation. */
const after =
  (happening: Happening) =>
  ({ o, m }: Situation): Memory =>
    remember(m, o, happening);

const pending = { kind: 'pending', since: NOW } as const;
const stop: PostgresTask = { kind: 'stop', mode: 'fast', checkpointFirst: false, timeout: null };
const didNotStart = new Map([['start-follow', { until: NOW, failures: 1, reason: 'late', span: millis(250) }]]);
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
    [
      'what was rewound, and starts, is that still',
      { server: { kind: 'rejecting' }, memory: { rewound: true } },
      { rewound: true },
    ],
    ['consistent once, it needs its source no more', { memory: { rewound: true } }, { rewound: null }],
    [
      'of whom it is a copy is known until it has started',
      { server: { kind: 'rejecting' }, memory: { copiedFrom: 'c' } },
      { copiedFrom: 'c' },
    ],
    [
      'how often it did not start is over when it answers: the leader of a standby cluster goes by that once it is down',
      { memory: { backoffs: didNotStart } },
      { backoffs: new Map() },
    ],
    ['and counts until then', { ...down, memory: { backoffs: didNotStart } }, { backoffs: didNotStart }],
    [
      'what lacked WAL before it was consistent is compared once it answers',
      {
        server: idleStandby(),
        memory: {
          divergence: { kind: 'starved', leader: A, leaderTimeline: branch(4), why: '', isUncompared: true },
        },
      },
      { divergence: { kind: 'unchecked' } },
    ],
    ['a copy that runs is compared like any standby', { memory: { copiedFrom: 'c' } }, { copiedFrom: null }],
    ['what was found first says what this member was', { memory: { foundPrimary: null } }, { foundPrimary: true }],
    ['and nothing later does', { memory: { foundPrimary: false } }, { foundPrimary: false }],
    [
      'no files say nothing',
      { ...down, directory: { kind: 'empty' }, memory: { foundPrimary: null } },
      { foundPrimary: null },
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
    ['what runs is not shut down', { memory: { shutDownAt: HEAD } }, { shutDownAt: null }],
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
  const broken = { directory: { kind: 'inaccessible', reason: 'input/output error' } } as const;
  table(looked, formerPrimary, [
    [
      'where it was shut down is what its control file says',
      { control: { state: 'shut down', checkpointLsn: behind(120n) } },
      { shutDownAt: behind(120n) },
    ],
    [
      'that stands while its disk does not answer (seed 10006478)',
      { ...broken, memory: { shutDownAt: behind(120n) } },
      { shutDownAt: behind(120n) },
    ],
    [
      'not once a task may have started it',
      { ...broken, task: stop, memory: { shutDownAt: HEAD } },
      { shutDownAt: null },
    ],
    [
      'nor when the files say otherwise',
      { control: { state: 'in production' }, memory: { shutDownAt: HEAD } },
      { shutDownAt: null },
    ],
    ['or are gone', { directory: { kind: 'empty' }, memory: { shutDownAt: HEAD } }, { shutDownAt: null }],
    [
      'a hand-over lasts until PostgreSQL is back',
      { memory: { handOver: { candidate: C, since: NOW } } },
      { handOver: { candidate: C } },
    ],
  ]);
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
        observation: { leaderHistory: history({}, behind(1n)) },
        memory: { divergence: { kind: 'rewind-failed', leader: A, attempts: 2, why: '' } },
      },
      { divergence: { kind: 'rewind-failed' } },
    ],
    [
      'unless what lies here is a part of the history that is at that address now',
      {
        observation: { leaderHistory: history({ sameWal: 'same' }) },
        memory: { divergence: { kind: 'rewind-failed', leader: A, attempts: 2, why: '' } },
      },
      { divergence: { kind: 'fits' } },
    ],
    [
      'of which more is known than the numbers of its timelines',
      {
        observation: { leaderHistory: history() },
        memory: { divergence: { kind: 'rewind-failed', leader: A, attempts: 2, why: '' } },
      },
      { divergence: { kind: 'rewind-failed' } },
    ],
    [
      'that it lacks WAL shows where it runs',
      {
        observation: { leaderHistory: history({ sameWal: 'same' }) },
        memory: { divergence: { kind: 'starved', leader: A, leaderTimeline: branch(4), why: '' } },
      },
      { divergence: { kind: 'starved' } },
    ],
    [
      'what was rewound fits, and does not start all the same',
      {
        observation: { leaderHistory: history({ sameWal: 'same' }) },
        memory: { divergence: { kind: 'rewind-failed', leader: A, attempts: 3, why: '', doesNotStart: true } },
      },
      { divergence: { kind: 'rewind-failed' } },
    ],
  ]);
  table(told, replica, [
    [
      'an agent that stood still has not seen where PostgreSQL went meanwhile',
      {
        server: idleStandby({ upstream: null }),
        observation: { now: later(NOW, seconds(6)), leaderHistory: history() },
        memory: { divergence: { kind: 'unchecked' } },
      },
      { divergence: { kind: 'unchecked' } },
    ],
  ]);
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
