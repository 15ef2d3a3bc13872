import { describe, expect, test } from 'vitest';
import { table } from '../../../test/support/table.ts';
import { lsn } from '../../domain/lsn.ts';
import { seconds } from '../../domain/time.ts';
import { renderJson } from '../json.ts';
import { readFailsafeAnswer, readFailsafeCall, renderFailsafeCall } from './failsafe-call.ts';

const said = { name: 'a', conn_url: 'postgres://a:5432/postgres', api_url: 'http://a:8008/patroni' };

describe('what a leader without the store asks', () => {
  const read = (body: unknown) => readFailsafeCall(typeof body === 'string' ? body : JSON.stringify(body));
  table(read, (body: unknown) => body, [
    [
      'a call as Patroni sends it',
      { ...said, slots: { b: 100 } },
      { name: 'a', ttl: null, slots: new Map([['b', lsn(100n)]]) },
    ],
    ['one that says for how long', { ...said, ttl: 5 }, { ttl: seconds(5), slots: new Map() }],
    ['no longer than a day', { ...said, ttl: 1e9 }, { ttl: seconds(86_400) }],
    ['a ttl that is none is not said', { ...said, ttl: -1 }, { ttl: null }],
    ['slots that are no positions are left out', { ...said, slots: { b: 'x', c: null } }, { slots: new Map() }],
    ['without its name it is nobody', { ...said, name: '' }, null],
    ['without its address neither', { ...said, api_url: undefined }, null],
    ['nor without its PostgreSQL', { ...said, conn_url: 7 }, null],
    ['a list is no call', '[]', null],
    ['text is none either', 'Accepted', null],
  ]);
  table(
    (call: NonNullable<ReturnType<typeof read>>) => readFailsafeCall(renderJson(renderFailsafeCall(call))),
    (body: object) => readOrThrow(body),
    [['what is rendered is read again', { ...said, slots: { b: 100 }, ttl: 30 }, { ttl: seconds(30), name: 'a' }]],
  );
  function readOrThrow(body: object) {
    const call = read(body);
    if (call === null) throw new Error('no call');
    return call;
  }
});

describe('what the answer means', () => {
  table(readFailsafeAnswer, (reply: Parameters<typeof readFailsafeAnswer>[0]) => reply, [
    [
      'exactly "Accepted"',
      { status: 200, body: 'Accepted', headers: { lsn: '100' } },
      { kind: 'accepted', lsn: lsn(100n) },
    ],
    ['a position is not needed', { status: 200, body: 'Accepted' }, { kind: 'accepted', lsn: null }],
    ['CC20: another body is a refusal', { status: 200, body: 'accepted' }, { kind: 'refused' }],
    [
      'CC19: so is another status',
      { status: 500, body: 'Running as a leader' },
      { kind: 'refused', reason: '500: Running as a leader' },
    ],
    [
      'a page is told without its tags',
      { status: 502, body: '<p>502: failsafe mode is off</p>' },
      { kind: 'refused', reason: '502: 502: failsafe mode is off' },
    ],
  ]);
  test('one as long as any holds nobody up: the leader has a deadline', () => {
    const began = performance.now();
    readFailsafeAnswer({ status: 500, body: '<'.repeat(32 * 1024) });
    expect(performance.now() - began).toBeLessThan(100);
  });
});
