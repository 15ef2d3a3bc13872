import { describe, expect, test } from 'vitest';
import { decided, replica } from '../../test/support/observations.ts';
import {
  branch,
  C,
  fromA,
  history,
  idleStandby,
  JUST_ASKED,
  lockOf,
  standbyAnswer,
} from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';
import { decide } from './decide.ts';
import { desiredStandby } from './desired-postgres.ts';
import { remember } from './remember.ts';

describe('a standby of a former leader, which may be on another branch when its server is back', () => {
  const toC = { view: { lock: lockOf('c') }, memory: { divergence: { kind: 'unchecked' } } } as const;
  const silent = {
    observation: { leaderHistory: { kind: 'no-answer', member: C, askedAt: JUST_ASKED, reason: 'a cable is out' } },
  } as const;
  const leaves = concludes('follow-nobody', { kind: 'reconfigure', desired: { standby: { upstream: null } } });
  const alone = idleStandby({ upstream: null });
  const unshown = standbyAnswer({ upstream: null });
  table(decided, replica, [
    ['is taken off that before what lies here is compared', { ...toC, server: idleStandby() }, leaves],
    ['also while WAL still comes from there: more of it may come after the comparison (seed 37013740)', toC, leaves],
    ['also while who leads now does not answer', { ...toC, ...silent, server: idleStandby() }, leaves],
    [
      'and PostgreSQL has time to end its receiver, which it does not while replay is paused',
      { ...toC, server: unshown },
      waits('follow-nobody'),
    ],
    [
      'then who leads now is asked',
      { ...toC, server: alone },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: 'c' } }),
    ],
    ['again and again', { ...toC, ...silent, server: alone }, waits('ask-leader-history')],
    [
      'but not where it is known to fit',
      { ...toC, memory: { divergence: { kind: 'fits', leader: C, leaderTimeline: branch(2) } } },
      concludes('change-upstream', { kind: 'reconfigure', desired: { standby: { upstream: { member: 'c' } } } }),
    ],
  ]);

  test('it is also where the server does not show whom it follows', () => {
    const { o, m } = replica({ ...toC, server: unshown });
    const told = { ...m, applied: desiredStandby(o, fromA) };
    expect(decide(o, told)).toMatchObject({ rule: 'follow-nobody', action: { kind: 'reconfigure' } });
  });

  test('nothing is concluded from an answer that comes while more WAL may', () => {
    const answered = { ...toC, observation: { leaderHistory: history({ member: C }) } };
    const learn = (difference: object) => {
      const { o, m } = replica({ ...answered, ...difference });
      return remember(m, o, { kind: 'history' }).divergence.kind;
    };
    expect(learn({})).toBe('unchecked');
    expect(learn({ server: alone })).toBe('fits');
  });
});
