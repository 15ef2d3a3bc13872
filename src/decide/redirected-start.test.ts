import { describe, expect, test } from 'vitest';
import { type Difference, decided, replica, type Situation } from '../../test/support/observations.ts';
import { A, behind, branch, C, fromA, history, idleStandby, lockOf, NOW } from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { LeaderHistory } from '../domain/memory.ts';
import { type MemberName, memberName } from '../domain/names.ts';
import { earlier, seconds } from '../domain/time.ts';
import { conclude } from './conclude.ts';
import { desiredStandby } from './desired-postgres.ts';
import { remember } from './remember.ts';

const section = { host: '10.9.0.1', port: 5433 };
const REMOTE = memberName('remote_member:10.9.0.1:5433');

/** Started as a standby of `upstream`, and not consistent yet. `undefined`: by an agent that is gone. */
const starting =
  (upstream: Upstream | null | undefined) =>
  ({ memory, ...more }: Difference): Situation => {
    const { o, m } = replica({
      server: { kind: 'rejecting' },
      directory: { signal: 'standby' },
      ...more,
      memory: { unavailableSince: NOW, ...memory },
    });
    return { o, m: { ...m, applied: upstream === undefined ? null : desiredStandby(o, upstream) } };
  };
const follows = (member: string) =>
  concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: { member } } } });
const followsNobody = concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: null } } });
const asks = (member: string) => concludes('ask-leader-history', { kind: 'ask-history', upstream: { member } });
const forLong = { memory: { unavailableSince: earlier(NOW, seconds(15)) } };
const says = (change: Parameters<typeof history>[0], memory: Difference['memory'] = {}): Difference => ({
  memory: { ...forLong.memory, ...memory },
  observation: { leaderHistory: history(change) },
});
const unfinished = { state: 'in archive recovery', beforeBackupEnd: true } as const;
const silent = (member: MemberName): LeaderHistory => ({
  kind: 'no-answer',
  member,
  askedAt: earlier(NOW, seconds(1)),
  reason: 'the server does not answer',
});

describe('a standby starts', () => {
  table(decided, starting(fromA), [
    ['it has its time', {}, waits('still-starting')],
    ['whom it follows leads no more: it follows who does', { view: { lock: lockOf('c') } }, follows('c')],
    [
      'but not one that it is known to have parted from',
      { view: { lock: lockOf('c') }, memory: { parted: { from: C, timeline: null } } },
      waits('still-starting'),
    ],
  ]);
  table(decided, starting(undefined), [['an earlier agent started it: it follows the leader', {}, follows('a')]]);
  table(decided, starting(null), [
    ['what was not compared follows nobody: it can start without', {}, waits('still-starting')],
    ['after a while the leader is asked', forLong, asks('a')],
    ['at once where the files say that an earlier agent rewound or copied them', { control: unfinished }, asks('a')],
    ['and followed', says({}), follows('a')],
    ['unless it says that this is another branch', says({ sameWal: 'different' }), waits('still-starting')],
  ]);
});

describe('a standby of a cluster that follows another one starts', () => {
  const inCluster = (upstream: Upstream | null | undefined) => (difference: Difference) =>
    starting(upstream)({ dynamic: { standby_cluster: section }, ...difference });
  table(decided, inCluster(undefined), [
    [
      'the leader may lie on another branch than it: it follows nobody before it was compared',
      {},
      waits('still-starting'),
    ],
    ['after a while the remote is asked, which everybody is rewound from', forLong, asks(REMOTE)],
    ['and followed', says({ member: REMOTE }), follows(REMOTE)],
    [
      'it is asked again where it does not answer',
      { ...forLong, observation: { leaderHistory: silent(REMOTE) } },
      waits('still-starting'),
    ],
    ['it has parted from what lies here', says({ member: REMOTE, sameWal: 'different' }), waits('still-starting')],
    [
      'nor is it followed where the timeline here began elsewhere than its own of that number',
      { ...says({ member: REMOTE }), ownBranch: history({}, behind(1n)).history },
      waits('still-starting'),
    ],
  ]);
  table(decided, inCluster(null), [['a copy of the remote needs nobody to start', {}, waits('still-starting')]]);
  table(decided, inCluster(fromA), [
    ['whom it was to follow may be copied anew: it follows nobody any more', {}, followsNobody],
    [
      'also without an address of the remote',
      { dynamic: { standby_cluster: { restore_command: 'cp' } } },
      followsNobody,
    ],
    ['and where that leads no more', { view: { lock: lockOf('c') } }, followsNobody],
    [
      'what was rewound is asked about at once: it may have been from a member, before the cluster followed the remote',
      { view: { lock: lockOf('c') }, memory: { rewound: true } },
      asks(REMOTE),
    ],
    ['and needs WAL of the remote', says({ member: REMOTE }, { rewound: true }), follows(REMOTE)],
    [
      'unless that is on another branch',
      says({ member: REMOTE, sameWal: 'different' }, { rewound: true }),
      waits('still-starting'),
    ],
  ]);
});

describe('what was found out about a standby that was not consistent', () => {
  const verdict = { kind: 'rewind-failed', leader: A, attempts: 0, why: 'not consistent' } as const;
  const looked = ({ o, m }: Situation) => remember(m, o, { kind: 'report' }).divergence.kind;
  table(looked, replica, [
    [
      'is over once it is: pg_rewind may do now',
      { server: idleStandby(), memory: { divergence: { ...verdict, beforeBackupEnd: true } } },
      'unchecked',
    ],
    [
      'another failure of pg_rewind is not',
      { server: idleStandby(), memory: { divergence: verdict } },
      'rewind-failed',
    ],
  ]);
});

test('a reload makes a server that starts start no sooner: it is not pointed there and back', () => {
  const since = earlier(NOW, seconds(15));
  const { o, m } = starting(fromA)({ memory: { unavailableSince: since } });
  const decision = conclude('change-upstream', { kind: 'reconfigure', desired: desiredStandby(o, fromA) });
  const end = { kind: 'done', systemId: null, revision: null } as const;
  expect(remember(m, o, { kind: 'ended', decision, end }).unavailableSince).toBe(since);
});

test('what is left to go on starting is remembered like what has started: it may have more WAL than was compared', () => {
  const fits = { kind: 'fits', leader: A, leaderTimeline: branch(4) } as const;
  const { o, m } = starting(fromA)({ memory: { divergence: fits } });
  const desired = desiredStandby(o, null);
  const start = { kind: 'start', desired, timeout: seconds(60) } as const;
  const decision = conclude('start-unverified', { kind: 'run', task: start });
  const late = { kind: 'failed', reason: 'it takes its time', late: true } as const;
  expect(remember(m, o, { kind: 'ended', decision, end: late })).toMatchObject({
    divergence: { kind: 'unchecked' },
    applied: desired,
  });
});
