import { describe } from 'vitest';
import { candidate, type Difference, decided, member } from '../../test/support/observations.ts';
import {
  A,
  ahead,
  branch,
  C,
  history,
  idleStandby,
  LOCK,
  lockOf,
  NOW,
  peer,
  requested,
  scheduledIn,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import { revision } from '../domain/names.ts';
import { earlier, millis } from '../domain/time.ts';
import { remember } from './remember.ts';

const unchecked = { kind: 'unchecked' } as const;
const fits = { kind: 'fits', leader: A, leaderTimeline: branch(3) } as const;
const handedOver = {
  lock: null,
  status: { lastLsn: ahead(9n), slots: new Map(), retainSlots: [] },
  failover: requested({ candidate: null }),
};
const asksA = concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: 'a' } });
const followsA = concludes('change-upstream', {
  kind: 'reconfigure',
  desired: { standby: { upstream: { member: 'a' } } },
});
const waitsOnly = waits('may-not-campaign');
const noAnswer = { kind: 'no-answer', member: A, askedAt: NOW, reason: 'it starts' } as const;

/** `b`: it was started while `a` stopped for a switchover, follows nobody, and lacks what `a` wrote last. */
const alone = (difference: Difference) =>
  candidate({
    server: idleStandby({ upstream: null, receiveLsn: null }),
    peers: [peer('a'), peer('c')],
    ...difference,
    view: { ...handedOver, ...difference.view },
    members: { a: { role: 'replica', state: 'starting' }, ...difference.members },
    memory: { divergence: unchecked, ...difference.memory },
  });

describe('nobody leads after a switchover, and some of what was handed over is missing here', () => {
  table(decided, alone, [
    ['the old leader is asked whether it is on my branch (seed 30070938)', {}, asksA],
    ['until it is back', { observation: { leaderHistory: noAnswer } }, waits('ask-leader-history')],
    ['and followed when it is', { memory: { divergence: fits } }, followsA],
    [
      'whoever follows it already waits until it is back',
      { server: idleStandby({ receiveLsn: null }), memory: { divergence: fits } },
      waitsOnly,
    ],
    ['whoever streams is served', { server: standbyAnswer({ upstream: null }) }, waitsOnly],
    [
      'after ten seconds it is a failover like any other',
      { memory: { unlockedSince: earlier(NOW, millis(10_000)) } },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'so it is where nobody handed anything over',
      { view: { failover: null } },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'once another one has led, the request leads away from nobody',
      { memory: { lastHolder: { name: C, members: [], seenAt: NOW }, divergence: fits } },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'but not one that was last seen leading before there was a request',
      {
        memory: { lastHolder: { name: C, members: [], seenAt: NOW, revision: revision(94n) }, divergence: fits },
      },
      waitsOnly,
    ],
    [
      'a leader that took minutes to stop, the hand-over being due meanwhile, has it done (seed 32003440)',
      { view: { failover: requested({ candidate: null, schedule: scheduledIn(-200) }) } },
      asksA,
    ],
    [
      'one that could not delete it in a pause, and died, has not',
      {
        view: { failover: requested({ candidate: null, schedule: scheduledIn(-200) }) },
        memory: { resumedAt: earlier(NOW, millis(400)) },
      },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    [
      'one that was stopping when it was seen last has, pause or not',
      {
        view: { failover: requested({ candidate: null, schedule: scheduledIn(-200) }) },
        memory: {
          resumedAt: earlier(NOW, millis(400)),
          lastHolder: { name: A, members: [{ ...member('a', 1), state: 'stopping' }], seenAt: NOW },
        },
      },
      asksA,
    ],
    [
      'one that was gone before it was due has not',
      {
        view: { failover: requested({ candidate: null, schedule: scheduledIn(-100) }) },
        memory: { unlockedSince: earlier(NOW, millis(9_000)), lastHolder: null },
      },
      concludes('campaign', { kind: 'acquire-lock' }),
    ],
    ['whom nobody has seen leading is not followed', { memory: { lastHolder: null, divergence: fits } }, waitsOnly],
    ['nor where it is gone', { members: { a: null }, memory: { divergence: fits } }, waitsOnly],
    ['nor by one that never streams', { tags: { nostream: true }, memory: { divergence: fits } }, waitsOnly],
  ]);

  const heard = (difference: Difference) => {
    const { o, m } = alone(difference);
    return remember(m, o, { kind: 'history' }).divergence;
  };
  const same = { inRecovery: true, history: { of: branch(3), switches: [] } };
  table(heard, (each: Difference) => each, [
    ['what it answers as a replica counts', { observation: { leaderHistory: history(same) } }, fits],
    [
      'unless other WAL lies there',
      { observation: { leaderHistory: history({ ...same, sameWal: 'different' }) } },
      unchecked,
    ],
    ['and not what anybody else does', { observation: { leaderHistory: history({ ...same, member: C }) } }, unchecked],
    [
      'nor when somebody leads',
      { view: { lock: lockOf('c', LOCK) }, observation: { leaderHistory: history(same) } },
      unchecked,
    ],
  ]);
});
