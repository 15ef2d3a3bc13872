import { describe, expect, test } from 'vitest';
import { type Difference, leader, replica } from '../../test/support/observations.ts';
import {
  A,
  B,
  behind,
  C,
  NOW,
  peer,
  requested,
  scheduledIn,
  silentPeer,
  WALL_NOW,
} from '../../test/support/observed-parts.ts';
import { type Expected, table } from '../../test/support/table.ts';
import type { JsonObject } from '../domain/json.ts';
import { revision, storeKey } from '../domain/names.ts';
import { earlier, millis, seconds } from '../domain/time.ts';
import { readDynamicConfig } from '../wire/config/dynamic.ts';
import { type OperatorRequest, requestAcceptance } from './request-acceptance.ts';

type Move = Extract<OperatorRequest, { kind: 'switchover' | 'failover' }>;
type Posted = Partial<Omit<Move, 'kind'>> & { readonly kind?: Move['kind']; readonly given?: Difference };

/** `POST /switchover` to the leader `a`, which has just asked everybody. */
function posted({ given, ...fields }: Posted) {
  const request: Move = { kind: 'switchover', leader: null, candidate: null, scheduledAt: null, ...fields };
  const { o } = leader({ peers: [peer('b'), peer('c')], observation: { peersAskedAt: NOW }, ...given });
  return requestAcceptance(o, request, earlier(NOW, millis(100)));
}

const answer = (status: number, text: string): Expected => ({ kind: 'answer', answer: { kind: 'text', status, text } });
const written = (json: object, onWritten: object | string = 'watch'): Expected => ({
  kind: 'write',
  write: { key: storeKey('failover'), action: { kind: 'put', value: { kind: 'json', json }, lease: null }, when: [] },
  onWritten,
});
const at = (span: number) => new Date(WALL_NOW + span * 1_000).toISOString();
const paused = { dynamic: { pause: true } };
const tomorrow = '2026-09-02T02:30:00+00:00';

describe('REST-64: in mode on a switchover leads to a synchronous standby', () => {
  const sync = { leader: A, voters: [B], quorum: 0, modRevision: revision(70n) };
  const on = { dynamic: { synchronous_mode: true }, view: { sync } };
  const alone = { ...on, view: { sync: { ...sync, voters: [] } } };
  table(posted, (request: Posted) => request, [
    [
      'CC122: to another it is refused',
      { leader: 'a', candidate: 'c', given: on },
      answer(412, 'candidate name does not match with sync_standby'),
    ],
    ['to one it is taken', { leader: 'a', candidate: 'b', given: on }, written({ leader: 'a', member: 'b' })],
    ['a failover is taken to anybody', { kind: 'failover', candidate: 'c', given: on }, written({ member: 'c' })],
    [
      'where there is none, to nobody',
      { leader: 'a', given: alone },
      answer(412, 'switchover is not possible: can not find sync_standby'),
    ],
  ]);
});

describe('a switchover or failover is refused, in this order (rest-api.md 12)', () => {
  table(posted, (request: Posted) => request, [
    [
      'REST-69: a failover to nobody',
      { kind: 'failover', scheduledAt: tomorrow },
      answer(400, 'Failover could be performed only to a specific candidate'),
    ],
    [
      '2: a switchover from nobody',
      { candidate: 'b', scheduledAt: tomorrow },
      answer(400, 'Switchover could be performed only from a specific leader'),
    ],
    [
      '3: a failover some other time',
      { kind: 'failover', candidate: 'b', scheduledAt: 'soon', given: paused },
      answer(400, "Failover can't be scheduled"),
    ],
    [
      'REST-67: a switchover some other time, in a pause',
      { leader: 'a', scheduledAt: 'soon', given: paused },
      answer(400, "Can't schedule switchover in the paused state"),
    ],
    [
      'REST-68: a time without a zone',
      { leader: 'a', scheduledAt: '2026-09-02T02:30' },
      answer(400, 'Timezone information is mandatory for the scheduled switchover'),
    ],
    [
      'REST-68: a time that is over',
      { leader: 'a', scheduledAt: at(-1) },
      answer(422, 'Cannot schedule switchover in the past'),
    ],
    [
      'REST-68: a time that nobody can read',
      { leader: 'a', scheduledAt: 'garbage' },
      answer(422, 'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601'),
    ],
    [
      'REST-67: to nobody in particular, in a pause',
      { leader: 'a', given: paused },
      answer(400, 'Switchover is possible only to a specific candidate in a paused state'),
    ],
    [
      'REST-70: from one to the same',
      { leader: 'a', candidate: 'a' },
      answer(400, 'Switchover target and source are the same'),
    ],
    [
      'REST-70: also some other time',
      { leader: 'a', candidate: 'a', scheduledAt: tomorrow },
      answer(400, 'Switchover target and source are the same'),
    ],
    ['REST-63: from one that does not lead', { leader: 'b' }, answer(412, 'leader name does not match')],
    [
      '11: while nobody leads',
      { leader: 'a', given: { view: { lock: null } } },
      answer(412, 'leader name does not match'),
    ],
    [
      'REST-69: a failover that names a leader is a switchover',
      { kind: 'failover', leader: 'b', candidate: 'c' },
      answer(412, 'leader name does not match'),
    ],
    ['13: to a stranger', { leader: 'a', candidate: 'x' }, answer(412, 'candidate does not exists')],
    [
      'REST-66: in a cluster of one',
      { leader: 'a', given: { members: { b: null, c: null } } },
      answer(412, 'switchover is not possible: cluster does not have members except leader'),
    ],
    [
      'REST-65: to members of which none may lead',
      {
        leader: 'a',
        given: { peers: [peer('b', { tags: { nofailover: true } }), peer('c', { watchdogFailed: true })] },
      },
      answer(412, 'switchover is not possible: no good candidates have been found'),
    ],
    [
      '16: to one that does not answer',
      { kind: 'failover', candidate: 'c', given: { peers: [peer('b'), silentPeer('c')] } },
      answer(412, 'failover is not possible: no good candidates have been found'),
    ],
  ]);
});

describe('a switchover or failover is written', () => {
  table(posted, (request: Posted) => request, [
    ['with what was asked for', { leader: 'a', candidate: 'c' }, written({ leader: 'a', member: 'c' })],
    ['without what was not', { leader: 'a' }, written({ leader: 'a' })],
    ['a failover without a leader', { kind: 'failover', candidate: 'c' }, written({ member: 'c' })],
    [
      'a lagging candidate, too: the leader looks at that later',
      { leader: 'a', candidate: 'c', given: { peers: [peer('c', { position: behind(9_999_999n) })] } },
      written({ leader: 'a', member: 'c' }),
    ],
    [
      'REST-63: a scheduled one is not looked into',
      { leader: 'x', candidate: 'y', scheduledAt: tomorrow },
      written(
        { leader: 'x', member: 'y', scheduled_at: '2026-09-02T02:30:00+00:00' },
        { status: 202, text: 'Switchover scheduled' },
      ),
    ],
    [
      'REST-67: in a pause, to a named candidate',
      { leader: 'a', candidate: 'c', given: paused },
      written({ leader: 'a', member: 'c' }),
    ],
  ]);
});

describe('before that the candidates are asked', () => {
  const unasked = { peers: [], observation: { peersAskedAt: null } };
  table(posted, (request: Posted) => request, [
    [
      'everybody at once, so that a race of this moment has asked everybody, too',
      { leader: 'a', candidate: 'c', given: unasked },
      { kind: 'ask', members: [B, C] },
    ],
    ['and have a while to answer', { leader: 'a', candidate: 'c', given: { peers: [] } }, { kind: 'wait' }],
    [
      'an answer from before the request does not count',
      { leader: 'a', candidate: 'c', given: { peers: [peer('c', { askedAt: earlier(NOW, seconds(1)) })] } },
      { kind: 'wait' },
    ],
    ['one good candidate is enough', { leader: 'a', given: { peers: [peer('c')] } }, written({ leader: 'a' })],
  ]);

  test('not for ever', () => {
    const { o } = leader({ observation: { peersAskedAt: NOW } });
    const request = { kind: 'switchover', leader: 'a', candidate: 'c', scheduledAt: null } as const;

    expect(requestAcceptance(o, request, earlier(NOW, seconds(2)))).toMatchObject({ answer: { status: 412 } });
  });

  test('a replica that is asked for itself knows the answer', () => {
    const request = { kind: 'switchover', leader: 'a', candidate: 'b', scheduledAt: null } as const;

    expect(requestAcceptance(replica().o, request, NOW).kind).toBe('write');
    expect(requestAcceptance(replica({ tags: { nofailover: true } }).o, request, NOW)).toMatchObject({
      answer: { status: 412 },
    });
  });
});

describe('other requests', () => {
  const ask = ({ request, given }: { request: OperatorRequest; given?: Difference }) =>
    requestAcceptance(leader(given).o, request, NOW);
  const patch = (fields: JsonObject): OperatorRequest => ({ kind: 'patch-config', patch: fields });
  const cancel: OperatorRequest = { kind: 'cancel-switchover' };
  const emptied = { kind: 'valid', config: readDynamicConfig({}).config, modRevision: revision(10n) } as const;
  const failover = { failover: requested({ schedule: scheduledIn(60) }) };
  table(ask, (each: Parameters<typeof ask>[0]) => each, [
    [
      'REST-71: a scheduled switchover is cancelled, unless it changed since',
      { request: cancel, given: { view: failover } },
      {
        write: { action: { value: { json: {} } }, when: [{ kind: 'mod-revision-is', revision: revision(95n) }] },
        onWritten: { status: 200, text: 'scheduled switchover deleted' },
      },
    ],
    ['REST-71: without one there is nothing to cancel', { request: cancel }, answer(404, 'no switchover is scheduled')],
    [
      'one that is under way cannot be cancelled',
      { request: cancel, given: { view: { failover: requested() } } },
      answer(404, 'no switchover is scheduled'),
    ],
    [
      'REST-44, REST-46: a patch merges into the configuration, unless it changed since',
      { request: patch({ ttl: 20, stranger: { x: null } }) },
      {
        write: {
          key: storeKey('config'),
          action: { value: { json: { ttl: 20, loop_wait: 10, stranger: { x: null } } } },
          when: [{ kind: 'mod-revision-is', revision: revision(10n) }],
        },
        onWritten: { status: 200 },
      },
    ],
    [
      'one that takes the last word away leaves the defaults, since an empty configuration counts for none',
      { request: patch({ ttl: null, loop_wait: null, retry_timeout: null, postgresql: null }) },
      { write: { action: { value: { json: { ttl: 30, loop_wait: 10, retry_timeout: 10 } } } } },
    ],
    [
      'REST-45: a patch that changes nothing is not written',
      { request: patch({ ttl: '30' }) },
      { kind: 'answer', answer: { kind: 'json', status: 200, body: { ttl: 30 } } },
    ],
    [
      'REST-47: without a configuration there is nothing to patch',
      { request: patch({ ttl: 20 }), given: { view: { config: { kind: 'absent' } } } },
      { answer: { status: 503 } },
    ],
    [
      'nor is there in an empty one, which counts for none: what is in force would be gone',
      { request: patch({ ttl: 20 }), given: { view: { config: emptied } } },
      { answer: { status: 503 } },
    ],
    [
      'but where nothing else is in force here, as in a cluster that was never given one: nobody would write it over',
      {
        request: patch({ pause: true }),
        given: { view: { config: emptied }, observation: { dynamic: emptied.config } },
      },
      {
        write: { action: { value: { json: { pause: true } } }, when: [{ revision: revision(10n) }] },
        onWritten: { status: 200 },
      },
    ],
    ['REST-50: a reload is accepted', { request: { kind: 'reload' } }, answer(202, 'reload scheduled')],
    [
      'also while the store is silent: it is answered from memory',
      { request: { kind: 'reload' }, given: { store: 'silent' } },
      answer(202, 'reload scheduled'),
    ],
    [
      'REST-82: a request that needs the store is dropped, so that the command line asks somebody else',
      { request: cancel, given: { store: 'silent' } },
      { answer: { kind: 'drop' } },
    ],
    [
      'nothing is known of a store that was never seen',
      { request: patch({ ttl: 20 }), given: { store: 'unknown' } },
      { answer: { kind: 'drop' } },
    ],
  ]);
});
