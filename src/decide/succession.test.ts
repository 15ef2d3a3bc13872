import { describe, expect, test } from 'vitest';
import { type Difference, leader, replica } from '../../test/support/observations.ts';
import { A, behind, HEAD, NOW, peer, silentPeer } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import { earlier, later, millis, seconds } from '../domain/time.ts';
import { requestAcceptance } from './request-acceptance.ts';

const received = earlier(NOW, millis(100));

/** `GET /matriarch/succession` to the leader `a`, which has just asked everybody. */
function asked(given: Difference = {}, receivedAt = received) {
  const { o } = leader({ peers: [peer('b'), peer('c')], observation: { peersAskedAt: NOW }, ...given });
  return requestAcceptance(o, { kind: 'succession' }, receivedAt);
}

/** What is said of `b`. */
function aboutB(given: Difference): unknown {
  const acceptance = asked(given);
  if (acceptance.kind !== 'answer' || acceptance.answer.kind !== 'succession') return acceptance;
  return acceptance.answer.succession.members.find(({ name }) => name === 'b');
}

describe('who could take over', () => {
  table(aboutB, (given: Difference) => given, [
    ['a replica that has everything', {}, { unfit: null, position: HEAD, lagBytes: 0n }],
    [
      'not one that lags further than a failover may lose',
      { peers: [peer('b', { position: behind(2_000_000n) }), peer('c')] },
      { unfit: { reason: 'lagging', because: 'lags 2000000 bytes' }, lagBytes: 2_000_000n },
    ],
    [
      'not one whose key says nofailover',
      { members: { b: { tags: { nofailover: true } } } },
      { unfit: { reason: 'nofailover', because: 'not allowed to promote' } },
    ],
    [
      'not one that says nofailover itself',
      { peers: [peer('b', { tags: { nofailover: true } }), peer('c')] },
      { unfit: { reason: 'nofailover' } },
    ],
    [
      'not one that does not answer',
      { peers: [silentPeer('b'), peer('c')] },
      { unfit: { reason: 'unreachable', because: 'not reachable' }, position: null, lagBytes: null },
    ],
    [
      'not one without an address',
      { members: { b: { apiUrl: null } }, peers: [peer('c')] },
      { unfit: { reason: 'unreachable' } },
    ],
  ]);

  test('all other members are judged, and the limit is said', () => {
    expect(asked()).toMatchObject({
      answer: {
        kind: 'succession',
        succession: { leader: A, position: HEAD, members: [{ name: 'b' }, { name: 'c' }] },
      },
    });
  });
});

describe('members are asked first', () => {
  const old = { askedAt: earlier(NOW, seconds(5)) };
  const oldAnswers = { peers: [peer('b'), peer('c', old)], observation: { peersAskedAt: old.askedAt } };

  test('all of them when one answer is too old, so that a race knows when', () => {
    expect(asked(oldAnswers)).toEqual({ kind: 'ask', members: ['b', 'c'] });
  });

  test('then their answers are waited for', () => {
    expect(asked({ ...oldAnswers, observation: { peersAskedAt: NOW } })).toEqual({ kind: 'wait' });
  });

  test('for two seconds at most', () => {
    expect(asked(oldAnswers, earlier(NOW, seconds(2)))).toMatchObject({ kind: 'answer' });
  });

  test('not again when they answered a moment ago, however often this is asked', () => {
    expect(asked({}, later(NOW, millis(500)))).toMatchObject({ kind: 'answer' });
  });
});

test('a member that does not lead does not judge', () => {
  expect(requestAcceptance(replica().o, { kind: 'succession' }, NOW)).toEqual({
    kind: 'answer',
    answer: { kind: 'text', status: 409, text: 'b does not lead' },
  });
});
