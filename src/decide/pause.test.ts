import { describe, expect } from 'vitest';
import {
  candidate,
  crashed,
  decided,
  formerPrimary,
  leader,
  paused,
  replica,
} from '../../test/support/observations.ts';
import {
  A,
  behind,
  branch,
  C,
  HEAD,
  LOCK,
  lockOf,
  NOW,
  primaryAnswer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { voters } from '../../test/support/sync-situation.ts';
import { concludes, stays, table, waits } from '../../test/support/table.ts';
import type { HistoryKey } from '../domain/cluster-view.ts';
import { revision, systemId } from '../domain/names.ts';

/** The members are on timeline 3; the cluster has seen 4. */
const newerHistory: HistoryKey = {
  kind: 'lines',
  lines: [{ timeline: branch(3), lsn: HEAD, reason: 'no recovery target specified', at: null, leader: C }],
  modRevision: revision(60n),
};

const notHeld = { lock: { kind: 'not-held' } } as const;
const unlocked = { lock: null } as const;
const broken = { directory: { kind: 'inaccessible', reason: 'input/output error' } } as const;
const otherCluster = { initialize: { kind: 'invalid', text: 'another cluster', modRevision: revision(1n) } } as const;

describe('what pause leaves to a primary with the lock', () => {
  table(decided, paused(leader), [
    ['it keeps the lock', {}, stays('pause-keep-lock')],
    [
      'H2, CC128: a standby gives the lock up',
      { server: standbyAnswer() },
      concludes('pause-release', { kind: 'release-lock', createRevision: LOCK }),
    ],
    [
      'one that was told to promote may yet: it keeps it',
      { server: standbyAnswer(), memory: { role: 'promoted' } },
      waits('pause-leave-alone'),
    ],
    [
      'a primary that does not answer at the moment is not known to be none',
      { server: { kind: 'silent', since: NOW } },
      waits('pause-leave-alone'),
    ],
    ['neither is one that is starting', { server: { kind: 'rejecting' } }, waits('pause-leave-alone')],
    [
      'nothing happens to backends that outlived their postmaster',
      { server: { kind: 'down' }, process: { kind: 'orphaned', processCount: 2 } },
      waits('pause-leave-alone'),
    ],
    [
      'C-29: a lock under an older lease of mine is taken over',
      notHeld,
      concludes('adopt-own-lock', { kind: 'adopt-lock' }),
    ],
    [
      'which nobody does for a server that does not say what it is',
      { ...notHeld, server: { kind: 'silent', since: NOW } },
      waits('pause-leave-alone'),
    ],
    [
      'which nobody does for a standby',
      { ...notHeld, server: standbyAnswer() },
      concludes('pause-release', { kind: 'release-lock' }),
    ],
    [
      'nor for one that was told to promote',
      { ...notHeld, server: standbyAnswer(), memory: { role: 'promoted' } },
      waits('pause-leave-alone'),
    ],
    [
      'another holder: it is no reason to stop',
      { ...notHeld, view: { lock: lockOf('c') } },
      stays('pause-leave-alone'),
    ],
    [
      'CC84: a lock that nobody has is taken',
      { ...notHeld, view: unlocked },
      concludes('pause-take-lock', { kind: 'acquire-lock' }),
    ],
    [
      'not by a primary that the cluster has left behind (seed 416403)',
      { ...notHeld, view: { ...unlocked, history: newerHistory } },
      stays('pause-leave-alone'),
    ],
    [
      'nor by one that the sync key does not name: somebody else was about to lead (seed 11500030)',
      { ...notHeld, dynamic: { synchronous_mode: true }, view: { ...unlocked, sync: voters('c', 'b') } },
      stays('pause-leave-alone'),
    ],
    [
      'but by one that is ahead of the history: somebody promoted it by hand',
      {
        ...notHeld,
        dynamic: { synchronous_mode: true },
        server: primaryAnswer({ timeline: branch(5) }),
        view: { ...unlocked, sync: voters('a', 'b'), history: newerHistory },
      },
      concludes('pause-take-lock', { kind: 'acquire-lock' }),
    ],
    [
      'by the one that it names',
      { ...notHeld, dynamic: { synchronous_mode: true }, view: { ...unlocked, sync: voters('b', 'a') } },
      concludes('pause-take-lock', { kind: 'acquire-lock' }),
    ],
    [
      'not beside another cluster’s data',
      { ...notHeld, view: { ...unlocked, ...otherCluster } },
      stays('pause-leave-alone'),
    ],
    [
      'not on a picture that is not the last',
      { ...notHeld, view: unlocked, store: 'unsettled' },
      stays('pause-leave-alone'),
    ],
    [
      'a lease that runs out stops nothing',
      { lock: { kind: 'doubtful', deadline: NOW, why: 'late' } },
      concludes('adopt-own-lock', { kind: 'adopt-lock' }),
    ],
    [
      'a changed configuration is applied, by a reload',
      { memory: { applied: { parameters: { work_mem: '1MB' }, hba: null, ident: null, standby: null } } },
      concludes('apply-configuration', { kind: 'reconfigure' }),
    ],
    [
      'not on a picture that is not the last',
      { memory: { applied: null }, store: 'unsettled' },
      stays('pause-keep-lock'),
    ],
    [
      'I4: a primary of another cluster leads this one no more, and goes on',
      { control: { systemId: systemId('7400000000000000999') } },
      concludes('pause-foreign-cluster', { kind: 'release-lock', createRevision: LOCK, evidence: expect.any(String) }),
    ],
    [
      'also when its lock is in doubt',
      { ...notHeld, control: { systemId: systemId('7400000000000000999') } },
      concludes('pause-foreign-cluster', { kind: 'release-lock', createRevision: LOCK }),
    ],
    [
      'CC129: and takes no lock',
      { ...notHeld, view: unlocked, control: { systemId: systemId('7400000000000000999') } },
      stays('pause-foreign-cluster'),
    ],
    [
      'CC130, C-29: leaving, the agent touches nothing',
      { memory: { leaving: NOW } },
      concludes('leaving-exit', { kind: 'exit', code: 0 }),
    ],
  ]);
  table(decided, paused(crashed), [
    [
      'CC65: PostgreSQL down: the lock is given up, nothing is started',
      {},
      concludes('pause-release', { kind: 'release-lock', createRevision: LOCK }),
    ],
    [
      'with the position of its stop, which a switchover whose stop was in doubt may have begun (seed 10006478)',
      { control: { state: 'shut down', checkpointLsn: behind(120n) } },
      concludes('pause-release', { kind: 'release-lock', lastLsn: behind(120n) }),
    ],
    [
      'also when the lock is in doubt, and the disk does not answer any more',
      { ...notHeld, ...broken, memory: { shutDownAt: behind(120n) } },
      concludes('pause-release', { kind: 'release-lock', lastLsn: behind(120n) }),
    ],
    [
      'what was written under another lock may lie on a branch that nobody follows',
      { memory: { reign: null }, control: { state: 'shut down' } },
      concludes('pause-release', { kind: 'release-lock', lastLsn: null }),
    ],
  ]);
});

describe('what pause leaves to a replica', () => {
  table(decided, paused(replica), [
    ['it goes on following', {}, stays('follow')],
    [
      'a new leader, too: by a reload',
      { view: { lock: lockOf('c') } },
      concludes('change-upstream', { kind: 'reconfigure' }),
    ],
    [
      'a changed configuration counts, too',
      { memory: { applied: null } },
      concludes('apply-configuration', { kind: 'reconfigure' }),
    ],
    [
      'it is not stopped to be rewound, and follows nobody',
      { memory: { divergence: { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: '' } } },
      concludes('follow-nobody', { kind: 'reconfigure', desired: { standby: { upstream: null } } }),
    ],
    [
      'but goes on serving what it has',
      {
        memory: { divergence: { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: '' } },
        server: standbyAnswer({ walReceiver: null, upstream: null }),
      },
      stays('pause-leave-alone'),
    ],
    [
      'without data it waits',
      { directory: { kind: 'empty' }, server: { kind: 'down' }, process: { kind: 'none' } },
      stays('pause-leave-alone'),
    ],
  ]);
  table(decided, paused(candidate), [['CC83: nobody leads: it does not campaign', {}, stays('pause-leave-alone')]]);
  table(decided, paused(formerPrimary), [['a stopped PostgreSQL stays stopped', {}, stays('pause-leave-alone')]]);
});
