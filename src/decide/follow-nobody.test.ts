import { describe } from 'vitest';
import { decided, replica } from '../../test/support/observations.ts';
import { C, history, idleStandby, JUST_ASKED, lockOf } from '../../test/support/observed-parts.ts';
import { concludes, table, waits } from '../../test/support/table.ts';

describe('a standby of a former leader, which may be on another branch when its server is back', () => {
  const toC = { view: { lock: lockOf('c') }, memory: { divergence: { kind: 'unchecked' } } } as const;
  const silent = {
    observation: { leaderHistory: { kind: 'no-answer', member: C, askedAt: JUST_ASKED, reason: 'a cable is out' } },
  } as const;
  const leaves = concludes('follow-nobody', { kind: 'reconfigure', desired: { standby: { upstream: null } } });
  table(decided, replica, [
    ['follows nobody while who leads now does not answer', { ...toC, ...silent, server: idleStandby() }, leaves],
    [
      'and goes on asking then',
      { ...toC, ...silent, server: idleStandby({ upstream: null }) },
      waits('ask-leader-history'),
    ],
    ['is left alone while it streams', { ...toC, ...silent }, waits('ask-leader-history')],
    [
      'asks first',
      { ...toC, server: idleStandby() },
      concludes('ask-leader-history', { kind: 'ask-history', upstream: { member: 'c' } }),
    ],
    [
      'and is left alone where the leader has just answered',
      { ...toC, observation: { leaderHistory: history({ member: C }) }, server: idleStandby() },
      waits('ask-leader-history'),
    ],
  ]);
});
