import { describe, expect, test } from 'vitest';
import { type Difference, decided, leader, replica } from '../../test/support/observations.ts';
import { A, B, C, doubtful, HEAD, held, lockOf, NOW, primaryAnswer, TTL } from '../../test/support/observed-parts.ts';
import { concludes, runs, table, waits } from '../../test/support/table.ts';
import type { FailsafeAnswer, FailsafeCall, FailsafeMembers } from '../domain/failsafe.ts';
import { type MemberName, revision } from '../domain/names.ts';
import { earlier, type Instant, later, millis, seconds } from '../domain/time.ts';
import { failsafeCall, publishedFailsafe } from './failsafe.ts';
import { answerToFailsafe } from './failsafe-promise.ts';
import { remember } from './remember.ts';
import { upkeep } from './upkeep.ts';

const on = { failsafe_mode: true };
const url = (name: string): string => `http://${name}:8008/patroni`;
const listing = (...names: readonly MemberName[]): FailsafeMembers => new Map(names.map((each) => [each, url(each)]));
const accepted: FailsafeAnswer = { kind: 'accepted', lsn: HEAD };
const refused: FailsafeAnswer = { kind: 'refused', reason: '500: Running as a leader' };

/** A leader in failsafe mode that the store stopped answering. */
function unconfirmed(difference: Difference = {}) {
  return leader({
    dynamic: on,
    view: { failsafe: listing(A, B, C) },
    lease: { storeTrouble: 'no answer in time' },
    lock: held({ deadline: later(NOW, seconds(20)) }),
    ...difference,
  });
}

/** `b` and `c` were asked then, and said this. */
function asked(
  answers: Readonly<Record<string, FailsafeAnswer>>,
  askedAt: Instant,
  { isTold = false, ttl = TTL } = {},
): Difference {
  const words = new Map(Object.entries(answers).map(([name, answer]) => [name as MemberName, answer]));
  return { observation: { failsafe: { askedAt, ttl, members: [B, C], answers: words, isTold } } };
}

function withoutWatchdog(): Difference {
  const watchdog = { mode: 'required', device: '/dev/watchdog', safetyMargin: 5 } as const;
  const failed = { kind: 'failed', reason: 'no such device' } as const;
  return {
    observation: { config: { ...leader().o.config, watchdog } },
    lease: { storeTrouble: 'no answer in time', watchdog: failed },
  };
}
const justNow = earlier(NOW, millis(100));

describe('the store does not confirm the lease, and failsafe mode is on', () => {
  table(decided, unconfirmed, [
    [
      'everybody whom the list names is asked, at once',
      {},
      concludes('failsafe-ask', {
        kind: 'ask-failsafe',
        members: new Map([
          [B, url('b')],
          [C, url('c')],
        ]),
      }),
    ],
    ['CC22: also while the store can still be read', {}, concludes('failsafe-ask', { kind: 'ask-failsafe' })],
    ['they have a moment to answer', asked({ b: accepted }, justNow), waits('failsafe-asking')],
    [
      'CC17: all agree, so the deadline is one ttl after they were asked',
      asked({ b: accepted, c: accepted }, justNow),
      concludes('failsafe-agreed', { kind: 'extend-by-members', askedAt: justNow }),
    ],
    ['which is told once', asked({ b: accepted, c: accepted }, justNow, { isTold: true }), waits('failsafe-lead')],
    [
      'and they are asked again well before it',
      asked({ b: accepted, c: accepted }, earlier(NOW, millis(TTL / 3)), { isTold: true }),
      concludes('failsafe-ask', { kind: 'ask-failsafe' }),
    ],
    [
      'what they gave for a shorter ttl, before that was changed, moves no deadline that is later',
      asked({ b: accepted, c: accepted }, justNow, { ttl: seconds(5) }),
      waits('failsafe-lead'),
    ],
    [
      'and they are asked again well before that one is over',
      asked({ b: accepted, c: accepted }, earlier(NOW, seconds(2)), { isTold: true, ttl: seconds(5) }),
      concludes('failsafe-ask', { kind: 'ask-failsafe' }),
    ],
    [
      'CC18: one that is silent is no word',
      asked({ b: accepted, c: { kind: 'refused', reason: 'no answer within the limit' } }, justNow),
      waits('failsafe-refused'),
    ],
    [
      'CC19: one that says that it leads is none either',
      asked({ b: refused, c: accepted }, justNow),
      waits('failsafe-refused'),
    ],
    [
      'who refused is asked again a second later',
      asked({ b: refused, c: accepted }, earlier(NOW, seconds(1))),
      concludes('failsafe-ask', { kind: 'ask-failsafe' }),
    ],
    [
      'a word that was given a ttl ago is over',
      asked({ b: accepted, c: accepted }, earlier(NOW, TTL)),
      concludes('failsafe-ask', { kind: 'ask-failsafe' }),
    ],
    [
      'a member that was listed since has not been asked',
      { ...asked({ b: accepted, c: accepted }, justNow), view: { failsafe: listing(A, B, C, 'd' as MemberName) } },
      concludes('failsafe-ask', { kind: 'ask-failsafe' }),
    ],
    [
      'one that I tried to list may be listed by now',
      {
        ...asked({ b: accepted, c: accepted }, justNow),
        memory: { failsafeSent: { members: listing(A, B, C, 'd' as MemberName), over: null } },
      },
      concludes('failsafe-ask', { kind: 'ask-failsafe' }),
    ],
    [
      'CC16: the only one of its list needs nobody',
      { view: { failsafe: listing(A) } },
      concludes('failsafe-ask', { kind: 'ask-failsafe', members: new Map() }),
    ],
    ['CC21: without a list nobody is asked', { view: { failsafe: null } }, concludes('lead', { kind: 'stay' })],
    ['CC21: nor by one that is not on it', { view: { failsafe: listing(B, C) } }, concludes('lead', { kind: 'stay' })],
    ['CC13: nor with the mode off', { dynamic: {} }, concludes('lead', { kind: 'stay' })],
    [
      'K1: nor where a watchdog is required and has failed: it stops',
      withoutWatchdog(),
      runs('demote-without-watchdog', { kind: 'stop' }),
    ],
    [
      'K1: at its deadline at the latest, if nothing is known of the store',
      { ...withoutWatchdog(), store: 'silent' },
      concludes('lead', { kind: 'stay' }),
    ],
    [
      'too late to ask, it stops',
      { lock: held({ deadline: later(NOW, millis(1_300)) }) },
      runs('lease-running-out', { kind: 'stop' }),
    ],
    [
      'CC26: whoever sees another leader stops at once',
      { view: { failsafe: listing(A, B, C), lock: lockOf('b') } },
      runs('lock-lost', { kind: 'stop', mode: 'immediate' }),
    ],
    [
      'CC23: the store says that the lock is not mine: nobody is asked',
      {
        lease: { storeTrouble: null },
        lock: doubtful(),
        view: { failsafe: listing(A, B, C), lock: null },
        memory: { lockContinuity: { kind: 'unknown' } },
      },
      runs('lock-vanished', { kind: 'stop' }),
    ],
    [
      'a paused cluster asks nobody',
      { dynamic: { ...on, pause: true } },
      concludes('pause-keep-lock', { kind: 'stay' }),
    ],
  ]);
});

describe('the store answers again, and the lock has run out', () => {
  const promised = { ...doubtful(), isPromised: true } as const;
  const back = (difference: Difference = {}) =>
    unconfirmed({ lease: { storeTrouble: null }, lock: promised, ...difference });
  table(decided, back, [
    [
      'C-22: nobody can have taken it: it is created again',
      { view: { failsafe: listing(A, B, C), lock: null } },
      concludes('failsafe-lead-again', { kind: 'acquire-lock' }),
    ],
    ['one that is still there is taken over', {}, concludes('adopt-own-lock', { kind: 'adopt-lock' })],
    ['a picture of the store comes first', { store: 'unsettled' }, waits('failsafe-lead')],
  ]);
});

describe('a leader that the store does not answer asks me', () => {
  const call: FailsafeCall = { ...failsafeCall(unconfirmed().o) };
  const answer = ({
    by = call,
    reachesForLock = false,
    ...difference
  }: Difference & { by?: FailsafeCall; reachesForLock?: boolean }) => {
    const { o, m } = replica({ dynamic: on, ...difference });
    return answerToFailsafe(o, m, { call: by, reachesForLock });
  };
  const promise = (to: MemberName, span: number) => ({
    promise: { to, until: later(NOW, millis(span)), slots: new Map() },
  });
  table(answer, (each: Parameters<typeof answer>[0]) => each, [
    ['the last leader that I know gets my word, and hears how far I am', {}, { kind: 'promised', lsn: HEAD }],
    ['also when the lock has run out', { view: { lock: null } }, { kind: 'promised' }],
    ['CC29: with the mode off nobody does', { dynamic: {} }, { kind: 'text', status: 502 }],
    [
      'a primary gives no word',
      { server: primaryAnswer() },
      { kind: 'text', status: 500, text: 'Running as a leader' },
    ],
    ['nor does one that is being promoted', { memory: { role: 'promoted' } }, { kind: 'text', status: 500 }],
    ['W27: nobody but the last leader gets it', { by: { ...call, name: C } }, { kind: 'text', status: 409 }],
    [
      'nor anybody while I reach for the lock',
      { view: { lock: null }, reachesForLock: true },
      { kind: 'text', status: 409 },
    ],
    ['nor two at one time', { view: { lock: null }, memory: promise(C, 1), by: call }, { kind: 'text', status: 409 }],
    ['a word that is over binds nobody', { memory: promise(C, 0) }, { kind: 'promised' }],
  ]);
});

test('CC28: the list names every member with an address, and me', () => {
  const { o } = leader({ dynamic: on, members: { b: null } });

  expect([...publishedFailsafe(o).keys()]).toEqual([A, C]);
});

test('C-41: a member that joins is added to the list; with the mode off nobody touches it', () => {
  const lists = (difference: Difference) => {
    const { o, m } = leader(difference);
    return upkeep(o, m, new Map()).filter((each) => each.name === 'failsafe');
  };
  const all = publishedFailsafe(leader().o);
  const before = { failsafe: new Map([...all].filter(([name]) => name !== C)) };

  expect(lists({ dynamic: on, view: before })).toMatchObject([{ kind: 'write-failsafe', members: all }]);
  expect(lists({ dynamic: on, view: { ...before, failsafeKeyRevision: revision(7n) } })).toMatchObject([
    { write: { when: [{}, { kind: 'mod-revision-is', revision: 7n }] } },
  ]);
  expect(lists({ dynamic: on, view: { failsafe: all } })).toEqual([]);
  expect(lists({ view: before })).toEqual([]);
});

test('lists that were sent over one list count together: each of them may be stored yet, and none after the next one', () => {
  const sent = (seen: bigint, members: FailsafeMembers, before: Difference['memory'] = {}) => {
    const view = { failsafe: listing(A, B), failsafeKeyRevision: revision(seen) };
    const { o, m } = leader({ dynamic: on, view, memory: before });
    return remember(m, o, { kind: 'failsafe-sent', members }).failsafeSent;
  };
  const first = sent(7n, listing(A, B, C));

  expect([...(sent(7n, listing(A), { failsafeSent: first })?.members.keys() ?? [])]).toEqual([A, B, C]);
  expect([...(sent(8n, listing(A), { failsafeSent: first })?.members.keys() ?? [])]).toEqual([A]);
});
