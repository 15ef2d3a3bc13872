import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import { wallTime } from '../../domain/time.ts';
import { parseHandover } from './handover-request.ts';
import { parseSchedule } from './schedule-text.ts';

const now = wallTime(Date.UTC(2031, 0, 1, 0, 0, 0));

function ask(endpoint: 'switchover' | 'failover', body: JsonObject, pause: 'paused' | 'active' = 'active') {
  const parsed = parseHandover(body, { endpoint, isPaused: pause === 'paused', now });
  if (parsed.kind === 'refused') return `${parsed.status} ${parsed.text}`;
  const { kind, leader, candidate, scheduledAt } = parsed.request;
  return [kind, leader, candidate, scheduledAt];
}

describe('rest-api', () => {
  test('REST-67: in pause a switchover needs a candidate and takes no schedule', () => {
    expect(ask('switchover', { leader: 'a' }, 'paused')).toBe(
      '400 Switchover is possible only to a specific candidate in a paused state',
    );
    expect(ask('switchover', { leader: 'a', candidate: 'b' }, 'paused')).toEqual(['switchover', 'a', 'b', null]);
    expect(ask('switchover', { leader: 'a', scheduled_at: 'garbage' }, 'paused')).toBe(
      "400 Can't schedule switchover in the paused state",
    );
  });

  test.each([
    ['2031-01-01T00:00', '400 Timezone information is mandatory for the scheduled switchover'],
    ['2031-01-01T00:00 CEST', '400 Timezone information is mandatory for the scheduled switchover'],
    ['2030-12-31T23:59:59Z', '422 Cannot schedule switchover in the past'],
    ['garbage', '422 Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601'],
    [1_935_735_300, '422 Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601'],
  ])('REST-68: scheduled at %s', (scheduled_at, answer) => {
    expect(ask('switchover', { leader: 'a', scheduled_at })).toBe(answer);
  });

  test('REST-69: a failover needs a candidate, and with a leader it is a switchover', () => {
    expect(ask('failover', { foo: 1 })).toBe('400 Failover could be performed only to a specific candidate');
    expect(ask('failover', { candidate: 'b' })).toEqual(['failover', null, 'b', null]);
    expect(ask('failover', { leader: 'a', candidate: 'b' })).toEqual(['switchover', 'a', 'b', null]);
    expect(ask('failover', { candidate: 'b', scheduled_at: '2031-01-02T00:00Z' })).toBe(
      "400 Failover can't be scheduled",
    );
  });

  test('REST-70: leader and candidate are two, scheduled or not', () => {
    expect(ask('switchover', { leader: 'a', candidate: 'a' })).toBe('400 Switchover target and source are the same');
    expect(ask('switchover', { leader: 'a', candidate: 'a', scheduled_at: '2031-01-02T00:00Z' })).toBe(
      '400 Switchover target and source are the same',
    );
  });
});

test('a switchover needs a leader', () => {
  expect(ask('switchover', { candidate: 'b' })).toBe('400 Switchover could be performed only from a specific leader');
});

test('what is empty is absent, and the old name of the candidate counts then', () => {
  expect(ask('switchover', { leader: 'a', candidate: '', member: 'b', scheduled_at: null })).toEqual([
    'switchover',
    'a',
    'b',
    null,
  ]);
  expect(ask('switchover', { leader: 'a', candidate: false, member: 0, scheduled_at: '' })).toEqual([
    'switchover',
    'a',
    null,
    null,
  ]);
});

test('a name that is no text asks for nothing', () => {
  expect(ask('switchover', { leader: ['a'] })).toMatch(/^400 /);
});

test.each([
  ['2031-05-04T10:00', '+02:00', '2031-05-04T10:00:00+02:00', Date.UTC(2031, 4, 4, 8)],
  ['2031-05-04 10:00:30.25', 'Z', '2031-05-04T10:00:30.250000+00:00', Date.UTC(2031, 4, 4, 10, 0, 30, 250)],
  ['20310504T100000', 'Z', '2031-05-04T10:00:00+00:00', Date.UTC(2031, 4, 4, 10)],
  ['2031-05-04T10:00', '-0330', '2031-05-04T10:00:00-03:30', Date.UTC(2031, 4, 4, 13, 30)],
  ['2031-05-04T10:00', '+02', '2031-05-04T10:00:00+02:00', Date.UTC(2031, 4, 4, 8)],
  ['Jan 1 2032 00:00', ' UTC', '2032-01-01T00:00:00+00:00', Date.UTC(2032, 0, 1)],
  ['12:00', 'Z', '2031-01-01T12:00:00+00:00', Date.UTC(2031, 0, 1, 12)],
  ['10:00 PM', ' +0300', '2031-01-01T22:00:00+03:00', Date.UTC(2031, 0, 1, 19)],
  ['12:00 am', ' gmt', '2031-01-01T00:00:00+00:00', Date.UTC(2031, 0, 1)],
])('%s is read in its zone and not without one', (text, zone, iso, at) => {
  expect(parseSchedule(`${text}${zone}`, now)).toEqual({ kind: 'at', at, iso });
  expect(parseSchedule(text, now)).toEqual({ kind: 'no-zone' });
});

test.each([
  '',
  'now',
  'Z',
  '2031-02-30T00:00Z',
  '2031-01-01T25:00Z',
  '2031-01-01T10:61Z',
  '13:00 PM Z',
  '2031-01-01T10:00+99:00',
  '2031',
])('%j is no moment', (text) => {
  expect(parseSchedule(text, now)).toEqual({ kind: 'unreadable' });
});
