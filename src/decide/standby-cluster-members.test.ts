import { describe, expect, test } from 'vitest';
import { candidate, crashed, type Difference, decided, replica, stopped } from '../../test/support/observations.ts';
import {
  behind,
  branch,
  HEAD,
  held,
  history,
  idleStandby,
  LOCK,
  NOW,
  peer,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import { memberName, slotName } from '../domain/names.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { remember } from './remember.ts';

const section = { host: '10.9.0.1', port: 5433, primary_slot_name: 'theirs' };
const dynamic = { standby_cluster: section };
const A = memberName('a');
const REMOTE = memberName('remote_member:10.9.0.1:5433');
const atRemote = (slot: string | null) => ({
  host: '10.9.0.1',
  port: 5433,
  slot: slot === null ? null : slotName(slot),
});
const fits = { kind: 'fits', leader: REMOTE, leaderTimeline: branch(3) } as const;
const fitsA = { ...fits, leader: A } as const;
const beyondHelp = {
  effective: { usePgRewind: false, removeDataOnDivergedTimelines: true },
  memory: { divergence: { kind: 'diverged', leader: REMOTE, leaderTimeline: branch(4), why: 'beyond' } },
} as const;
const remoteAnswered = { leaderHistory: history({ member: REMOTE }) };
const lacksWalOfA = { ...fitsA, kind: 'starved', why: 'no WAL' } as const;

describe('the holder of a standby cluster, its PostgreSQL down', () => {
  const down = (difference: Difference) =>
    crashed({
      dynamic,
      directory: { signal: 'standby' },
      ...difference,
      control: {
        state: 'shut down in recovery',
        minRecoveryEnd: HEAD,
        minRecoveryTimeline: branch(3),
        ...difference.control,
      },
      memory: { role: 'standby_leader', reign: null, crash: null, divergence: fits, ...difference.memory },
    });
  table(decided, down, [
    [
      'R7: it is started as a standby of the remote',
      {},
      runs('start-follow', { kind: 'start', desired: { standby: { upstream: { host: '10.9.0.1' } } } }),
    ],
    [
      'R5 does not apply: it is never started to be promoted',
      { memory: { divergence: { kind: 'unchecked' } } },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: REMOTE } }),
    ],
    [
      'Y6: what has diverged is rewound from the remote, which is made to checkpoint first',
      {
        memory: { divergence: { kind: 'diverged', leader: REMOTE, leaderTimeline: branch(4), why: 'beyond' } },
        observation: remoteAnswered,
      },
      runs('rewind', { kind: 'rewind', from: { host: '10.9.0.1' }, checkpointFirst: true }),
    ],
    [
      'Y6: data is not removed because it diverged',
      { ...beyondHelp, members: { b: null, c: null } },
      waits('diverged-needs-operator'),
    ],
    [
      'J2: and the lock goes to whoever can take it',
      { ...beyondHelp, peers: [peer('b'), peer('c')], observation: { peersAskedAt: NOW } },
      concludes('give-up-crashed-primary', { kind: 'release-lock', createRevision: LOCK }),
    ],
    [
      'J2: where it does not start, the lock goes to whoever can take it',
      {
        memory: {
          backoffs: new Map([
            ['start-follow', { until: later(NOW, millis(100)), failures: 1, reason: 'no space', span: millis(250) }],
          ]),
        },
        peers: [peer('b'), peer('c')],
        observation: { peersAskedAt: NOW },
      },
      concludes('give-up-crashed-primary', { kind: 'release-lock', createRevision: LOCK }),
    ],
  ]);
});

describe('other members of a standby cluster', () => {
  const asked = (walEnd: { readonly walEnd: typeof HEAD }) =>
    history({ inRecovery: true, ...walEnd, askedAt: earlier(NOW, millis(300)) });
  const wantsToFollow = {
    server: idleStandby({ upstream: atRemote(null) }),
    memory: { divergence: { kind: 'unchecked' } },
  } as const;
  const inCluster = (difference: Difference) => replica({ dynamic, ...difference });
  table(decided, inCluster, [
    ['H7, Y5: they follow the standby leader', {}, stays('follow')],
    [
      'their slot is their own there',
      { server: idleStandby({ upstream: null }) },
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { slot: 'b' } } }),
    ],
    [
      'whoever has the slot at the remote leaves it to the leader at once (seed 11004214)',
      { server: idleStandby({ upstream: atRemote('theirs') }) },
      concludes('leave-remote-slot', {
        kind: 'reconfigure',
        desired: { standby: { upstream: { member: REMOTE }, slot: null } },
      }),
    ],
    [
      'and asks the leader then, before it follows',
      { server: idleStandby({ upstream: atRemote(null) }), memory: { divergence: { kind: 'unchecked' } } },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
    [
      'one that answers and does not tell is asked again soon, the remote in between',
      { ...wantsToFollow, observation: { leaderHistory: asked({ walEnd: HEAD }) } },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: REMOTE } }),
    ],
    [
      'a leader that has less has to catch up first, and is left in peace meanwhile (seed 31490935)',
      { ...wantsToFollow, observation: { leaderHistory: asked({ walEnd: behind(1n) }) } },
      waits('ask-leader-history'),
    ],
    [
      'while nobody leads it is used',
      {
        server: standbyAnswer({ upstream: atRemote('theirs') }),
        view: { lock: null },
        tags: { nofailover: true },
        memory: { unlockedSince: earlier(NOW, seconds(5)), divergence: fits },
      },
      concludes('apply-configuration', { kind: 'reconfigure', desired: { standby: { slot: 'theirs' } } }),
    ],
    [
      'one that restarts follows nobody before it asked: a leader may be copied anew meanwhile',
      { server: standbyAnswer({ insufficient: ['max_connections'] }) },
      runs('raise-parameters', { kind: 'restart', desired: { standby: { upstream: null } } }),
    ],
    [
      'nor does it wait to be compared for what it cannot replay as it was started',
      {
        server: idleStandby({ upstream: null, isReplaying: true, insufficient: ['max_connections'] }),
        memory: { divergence: { kind: 'unchecked' } },
        observation: { leaderHistory: history() },
      },
      runs('raise-parameters', { kind: 'restart', desired: { standby: { upstream: null } } }),
    ],
    [
      'a remote that is away keeps nobody from leading',
      { view: { lock: null }, members: { a: null }, memory: { unlockedSince: earlier(NOW, seconds(5)) } },
      concludes('ask-peers', { kind: 'ask-peers' }),
    ],
    [
      'Y6: what can neither be rewound nor copied goes on serving what it has',
      { ...beyondHelp, observation: { leaderHistory: asked({ walEnd: HEAD }) } },
      waits('diverged-needs-operator'),
    ],
    [
      'and asks on: another server may have taken the place of the remote',
      beyondHelp,
      concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: REMOTE } }),
    ],
    [
      'Y5: nobody leads for a while: the remote is followed directly',
      {
        view: { lock: null },
        tags: { nofailover: true },
        memory: { unlockedSince: earlier(NOW, seconds(5)), divergence: fits },
      },
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: { host: '10.9.0.1' } } } }),
    ],
  ]);
  table(decided, (difference: Difference) => stopped({ dynamic, ...difference }), [
    [
      'one that was stopped is compared with the remote',
      {},
      concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: REMOTE } }),
    ],
    [
      'its new copy is one of the remote: any member may still be where that has parted from it',
      {
        members: { c: { tags: { clonefrom: true } } },
        effective: { removeDataOnRewindFailure: true },
        memory: { divergence: { kind: 'rewind-failed', leader: REMOTE, attempts: 3, why: 'no WAL' } },
        observation: remoteAnswered,
      },
      runs('new-copy', { kind: 'clone', from: { member: REMOTE } }),
    ],
    [
      'which follows nobody before the leader has said that it fits, too (seed 10032713)',
      { directory: { signal: 'standby', hasBackupLabel: true }, control: { state: 'in production' } },
      runs('start-fresh-copy', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'so does a copy of a member, which is a standby there',
      { directory: { signal: 'standby', hasBackupLabel: true }, control: { state: 'in archive recovery' } },
      runs('start-fresh-copy', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'and what fits the leader: that may be copied anew while this one starts',
      { memory: { divergence: fitsA } },
      runs('start-follow', { kind: 'start', desired: { standby: { upstream: null } } }),
    ],
    [
      'what was rewound follows the remote, whose WAL it needs, without the slot that the leader uses there',
      {
        directory: { signal: 'standby', hasBackupLabel: true },
        control: { state: 'in archive recovery' },
        memory: { rewound: true },
      },
      runs('start-fresh-copy', { kind: 'start', desired: { standby: { upstream: { member: REMOTE }, slot: null } } }),
    ],
    [
      'also where its start broke off, and the agent that had rewound it is gone',
      {
        directory: { signal: 'standby' },
        control: { state: 'in archive recovery', beforeBackupEnd: true },
        memory: { divergence: fitsA },
      },
      runs('start-fresh-copy', { kind: 'start', desired: { standby: { upstream: { member: REMOTE }, slot: null } } }),
    ],
    [
      'a copy of the remote follows that while nobody leads, without the slot: another one may stream with it (seed 35106113)',
      {
        view: { lock: null },
        directory: { signal: 'standby', hasBackupLabel: true },
        control: { state: 'in production' },
      },
      runs('start-fresh-copy', { kind: 'start', desired: { standby: { upstream: { member: REMOTE }, slot: null } } }),
    ],
  ]);
  table(decided, (difference: Difference) => candidate({ dynamic, ...difference }), [
    [
      'CC180: when the standby leader dies, one of them takes the lock',
      {},
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'E13: also on a timeline behind the history, which is not this cluster’s',
      { server: standbyAnswer({ timeline: branch(2) }), peers: [peer('c', { timeline: branch(2) })] },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
  ]);
  table(decided, (difference: Difference) => replica({ dynamic, ...difference }), [
    [
      'CC180: and follows the remote then, without a promotion',
      { lock: held(), view: { lock: null }, members: { a: null }, memory: { divergence: fits } },
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: { host: '10.9.0.1' } } } }),
    ],
  ]);

  test('a verdict of the remote counts as one of the leader does', () => {
    const { o, m } = replica({
      dynamic,
      server: idleStandby(),
      observation: { leaderHistory: history({ member: REMOTE }, (HEAD - 1n) as typeof HEAD) },
      memory: { divergence: { kind: 'unchecked' } },
    });
    expect(remember(m, o, { kind: 'history' }).divergence).toMatchObject({ kind: 'diverged', leader: REMOTE });
  });

  test.each([
    ['running', fitsA, 'fits'],
    ['creating replica', fitsA, 'unchecked'],
    ['starting', fitsA, 'unchecked'],
    ['running', lacksWalOfA, 'starved'],
    ['creating replica', lacksWalOfA, 'unchecked'],
    ['starting', lacksWalOfA, 'unchecked'],
    ['starting', { ...lacksWalOfA, leader: REMOTE }, 'starved'],
    ['starting', { ...lacksWalOfA, kind: 'diverged' }, 'unchecked'],
  ] as const)(
    'a leader that is %s now was found out: %j. It is %s: that may have been copied anew',
    (state, divergence, kind) => {
      const { o, m } = replica({ dynamic, members: { a: { state } }, memory: { divergence } });
      expect(remember(m, o, { kind: 'view', gapless: true }).divergence.kind).toBe(kind);
    },
  );

  test.each([
    [fitsA, 'unchecked'],
    [fits, 'fits'],
  ] as const)('a picture after others that were missed may hide that: %j is %s', (divergence, kind) => {
    const { o, m } = replica({ dynamic, memory: { divergence } });
    expect(remember(m, o, { kind: 'view', gapless: false }).divergence.kind).toBe(kind);
  });
});
