import { describe, expect, test } from 'vitest';
import { decided, leader, replica } from '../../test/support/observations.ts';
import { A, branch, history, idleStandby, lockOf, NOW, standbyAnswer } from '../../test/support/observed-parts.ts';
import { concludes, runs, stays, table, waits } from '../../test/support/table.ts';
import type { Divergence } from '../domain/memory.ts';
import { earlier, millis, seconds } from '../domain/time.ts';

const toC = { view: { lock: lockOf('c') } };
const fitsC: Divergence = { kind: 'fits', leader: lockOf('c').holder, leaderTimeline: branch(3) };
const diverged: Divergence = { kind: 'diverged', leader: A, leaderTimeline: branch(4), why: 'it has more' };
const failedRewind: Divergence = { kind: 'rewind-failed', leader: A, attempts: 2, why: 'a file is missing' };
const follows = (member: string) =>
  concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: { member } } } });
const ofC = { host: '10.0.0.3', port: 5432, slot: null };
const dryFor = (ms: number) => ({ memory: { dryUpstreamSince: earlier(NOW, millis(ms)) } });
const asksA = concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: 'a' } });

describe('whom does a replica follow', () => {
  table(decided, replica, [
    ['the leader', {}, stays('follow')],
    ['CC106: a new leader, by a reload', { ...toC, memory: { divergence: fitsC } }, follows('c')],
    [
      'the slot on it bears my name',
      { ...toC, memory: { divergence: fitsC } },
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { slot: 'b' } } }),
    ],
    [
      'a leader without a key has no address: the present upstream stays',
      { members: { a: null } },
      waits('leader-without-address'),
    ],
    ['CC113: the member that `replicatefrom` names', { tags: { replicatefrom: 'c' } }, follows('c')],
    [
      'CC113: but not one that is down',
      { tags: { replicatefrom: 'c' }, members: { c: { state: 'stopped' } } },
      stays('follow'),
    ],
    ['nor one that gets no WAL itself', { tags: { replicatefrom: 'c' }, ...dryFor(500) }, stays('follow')],
    [
      'whoever follows it already has patience for a loop',
      {
        tags: { replicatefrom: 'c' },
        server: standbyAnswer({ upstream: ofC }),
        memory: { ...dryFor(500).memory, applied: null },
      },
      { rule: expect.stringMatching(/^follow$|^apply-configuration$/) },
    ],
    [
      'and no more',
      { tags: { replicatefrom: 'c' }, server: standbyAnswer({ upstream: ofC }), ...dryFor(60_000) },
      follows('a'),
    ],
    ['nor one that is gone', { tags: { replicatefrom: 'c' }, members: { c: null } }, stays('follow')],
    ['nor myself', { tags: { replicatefrom: 'b' } }, stays('follow')],
    [
      'one whose replay waits for parameters that its primary has more of is restarted with them',
      { server: standbyAnswer({ insufficient: ['max_connections'] }) },
      runs('raise-parameters', { kind: 'restart', desired: { standby: { upstream: { member: 'a' } } } }),
    ],
    [
      'but not in a pause',
      { server: standbyAnswer({ insufficient: ['max_connections'] }), dynamic: { pause: true } },
      { action: { kind: 'stay' } },
    ],
    [
      'CC114: a member that never streams follows nobody',
      { tags: { nostream: true } },
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: null, slot: null } } }),
    ],
    [
      'without slots none is named',
      { ...toC, dynamic: { postgresql: { use_slots: false } }, memory: { divergence: fitsC } },
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { slot: null } } }),
    ],
  ]);
});

describe('on a later timeline than the first, whether the leader’s is the same branch is asked before it is followed', () => {
  const unchecked = { divergence: { kind: 'unchecked' } } as const;
  const open = { ...toC, server: idleStandby({ upstream: null }), memory: unchecked };
  const lacking = idleStandby({ upstream: null, isReplaying: true, insufficient: ['max_connections'] });
  const asked = (ago: number) => ({
    observation: { leaderHistory: history({ member: lockOf('c').holder, askedAt: earlier(NOW, seconds(ago)) }) },
  });
  table(decided, replica, [
    ['nothing is known yet', open, concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: 'c' } })],
    ['the answer has a moment', { ...open, ...asked(0) }, waits('ask-leader-history')],
    ['and then it is asked again', { ...open, ...asked(1) }, concludes('ask-leader-history', { kind: 'ask-history' })],
    [
      'a standby that replays old WAL, and receives nothing before that is done, has more time',
      { ...open, ...asked(1), server: idleStandby({ upstream: null, receiveLsn: null, isOnOldWal: true }) },
      waits('ask-leader-history'),
    ],
    [
      'so has one that replays yet what it has received, once the leader has answered',
      { ...open, ...asked(1), server: idleStandby({ upstream: null, isReplaying: true }) },
      waits('ask-leader-history'),
    ],
    [
      'it waits in vain for what it has to replay where that needs more of its parameters: it is restarted, and follows nobody yet',
      { ...open, ...asked(1), server: lacking },
      runs('raise-parameters', { kind: 'restart', desired: { standby: { upstream: null } } }),
    ],
    [
      'in a pause it is not',
      { ...open, ...asked(3), server: lacking, dynamic: { pause: true } },
      concludes('ask-leader-history', { kind: 'ask-history' }),
    ],
  ]);
});

describe('a standby that does not stream may have replayed too far', () => {
  const idle = { server: idleStandby() };
  table(decided, replica, [
    ['the leader is asked', idle, asksA],
    [
      'CC112: also when it fitted once: the leader may have moved on',
      { ...idle, memory: { divergence: { kind: 'fits', leader: A, leaderTimeline: branch(2) } } },
      asksA,
    ],
    ['not again at once', { ...idle, observation: { leaderHistory: history() } }, stays('follow')],
    [
      'a cascading standby asks the leader, not its upstream',
      {
        ...idle,
        tags: { replicatefrom: 'c' },
        server: idleStandby({ upstream: { host: '10.0.0.3', port: 5432, slot: null } }),
      },
      { rule: expect.stringMatching(/ask-leader-history|apply-configuration/) },
    ],
    ['a leader that is no primary yet is not asked', { ...idle, members: { a: { role: 'replica' } } }, stays('follow')],
  ]);
});

describe('a running standby that diverged', () => {
  const alone = idleStandby({ upstream: null });
  const isGiven = { memory: { divergence: diverged } };
  table(decided, replica, [
    ['is stopped to be rewound', isGiven, runs('stop-to-rewind', { kind: 'stop', mode: 'fast' })],
    [
      'not while its leader has no address: it would be started again at once, over and over (seed 31899428)',
      { ...isGiven, members: { a: null } },
      waits('leader-without-address'),
    ],
    [
      'is stopped to be copied, where that is allowed',
      { effective: { usePgRewind: false, removeDataOnDivergedTimelines: true }, ...isGiven },
      runs('stop-to-rewind', { kind: 'stop' }),
    ],
    [
      'is taken off its leader when neither is possible: the branch there may have the number of the one here (seed 32068938)',
      { effective: { usePgRewind: false }, ...isGiven },
      concludes('follow-nobody', { kind: 'reconfigure', desired: { standby: { upstream: null } } }),
    ],
    [
      'and goes on serving what it has',
      { effective: { usePgRewind: false }, server: alone, ...isGiven },
      waits('diverged-needs-operator'),
    ],
    [
      'also where pg_rewind lacks what it needs: stopped, it would stay down',
      { control: { canRewind: false }, server: alone, ...isGiven },
      waits('diverged-needs-operator'),
    ],
    [
      'also when the rewind failed and nothing may be removed',
      { server: alone, memory: { divergence: failedRewind } },
      waits('diverged-needs-operator'),
    ],
    [
      'is stopped when the rewind failed and that allows a copy',
      { effective: { removeDataOnRewindFailure: true }, memory: { divergence: failedRewind } },
      runs('stop-to-rewind', { kind: 'stop' }),
    ],
  ]);
});

describe('a standby whose next WAL the leader has removed', () => {
  const starved: Divergence = { kind: 'starved', leader: A, leaderTimeline: branch(4), why: 'removed' };
  const isGiven = { server: idleStandby(), memory: { divergence: starved } };
  const told = { observation: { leaderHistory: history() } };
  const allowed = { effective: { removeDataOnDivergedTimelines: true } };
  table(decided, replica, [
    [
      'is stopped for a new copy, where that is allowed',
      { ...isGiven, ...allowed },
      runs('stop-to-copy', { kind: 'stop' }),
    ],
    ['goes on serving what it has, where it is not', { ...isGiven, ...told }, waits('starved-needs-operator')],
    [
      'a failed rewind’s permission is none for one that diverged in nothing',
      { ...isGiven, ...told, effective: { removeDataOnRewindFailure: true } },
      waits('starved-needs-operator'),
    ],
    ['is asked about again: that may change', isGiven, asksA],
    [
      'is left alone once somebody has given it an archive',
      { ...isGiven, ...told, ...allowed, server: idleStandby({ hasRestoreCommand: true }) },
      stays('follow'),
    ],
    [
      'is on the branch of the leader that it follows next',
      { ...toC, memory: { divergence: { ...starved, leader: fitsC.leader } } },
      follows('c'),
    ],
  ]);
});

test('a member that is to stream from nobody is not copied for want of WAL', () => {
  const starved: Divergence = { kind: 'starved', leader: A, leaderTimeline: branch(4), why: 'removed' };
  const given = replica({
    server: idleStandby(),
    memory: { divergence: starved },
    tags: { nostream: true },
    effective: { removeDataOnDivergedTimelines: true },
  });

  expect(decided(given).rule).not.toBe('stop-to-copy');
});

describe('PostgreSQL has the configuration that it should have', () => {
  const changed = {
    dynamic: { postgresql: { use_pg_rewind: true, parameters: { work_mem: '8MB' } } },
    memory: { applied: null },
  };
  const applies = concludes('apply-configuration', { kind: 'reconfigure' });
  table(decided, leader, [
    ['a primary’s files are written and reloaded after a change', changed, applies],
    [
      'as a primary’s',
      changed,
      concludes('apply-configuration', {
        kind: 'reconfigure',
        desired: { standby: null, parameters: { work_mem: '8MB' } },
      }),
    ],
    ['once', { dynamic: changed.dynamic }, stays('lead')],
    ['CONF-40: once more when a person asks for a reload', { memory: { reloadDue: true } }, applies],
  ]);
  table(decided, replica, [
    ['a standby’s, too', changed, applies],
    ['CONF-39: also of a standby, whatever its own file says now', { memory: { reloadDue: true } }, applies],
    [
      'with its upstream',
      changed,
      concludes('apply-configuration', { kind: 'reconfigure', desired: { standby: { upstream: { member: 'a' } } } }),
    ],
    [
      'not before it is known whom it should follow',
      { ...changed, ...toC, memory: { applied: null, divergence: fitsC } },
      follows('c'),
    ],
    [
      'CC114: also of one that never streams',
      { ...changed, tags: { nostream: true }, server: idleStandby({ upstream: null, hasRestoreCommand: true }) },
      concludes('apply-configuration', { kind: 'reconfigure', desired: { standby: { upstream: null } } }),
    ],
    [
      'and of one that is left alone',
      { ...changed, memory: { applied: null, divergence: failedRewind }, server: idleStandby({ upstream: null }) },
      concludes('apply-configuration', { kind: 'reconfigure', desired: { standby: { upstream: null } } }),
    ],
    [
      'not while nobody leads: it may be about to',
      { ...changed, server: idleStandby({ upstream: null }), view: { lock: null } },
      { rule: 'ask-peers' },
    ],
  ]);
  table(decided, leader, [
    [
      'and of a standby leader that gets its WAL from an archive alone',
      {
        memory: { applied: null, role: 'standby_leader' },
        dynamic: { standby_cluster: { restore_command: 'cp' } },
        server: idleStandby({ upstream: null, hasRestoreCommand: true }),
      },
      concludes('apply-configuration', { kind: 'reconfigure', desired: { standby: { upstream: null } } }),
    ],
  ]);
});
