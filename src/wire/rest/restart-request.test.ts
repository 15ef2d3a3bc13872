import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import { wallTime } from '../../domain/time.ts';
import { parseRestart } from './restart-request.ts';

const now = wallTime(Date.UTC(2026, 8, 1, 12));
const parse = (body: JsonObject, isPaused = false) => parseRestart(body, { isPaused, now });
const refusal = (body: JsonObject, isPaused = false) => {
  const parsed = parse(body, isPaused);
  return parsed.kind === 'refused' ? [parsed.status, parsed.text] : parsed;
};

test('a restart without a body is one at once, without conditions', () => {
  const filters = { role: null, olderThan: null, restartPending: null };
  expect(parse({})).toEqual({ kind: 'request', request: { kind: 'restart', filters, timeout: null, schedule: null } });
});

test('conditions, a time and a timeout are read', () => {
  const body = {
    role: 'replica',
    postgres_version: '9.5.2',
    restart_pending: false,
    timeout: '1min',
    schedule: '2031-05-04T10:00Z',
  };
  expect(parse(body)).toMatchObject({
    request: {
      filters: { role: 'replica', olderThan: { text: '9.5.2', number: 90_502 }, restartPending: { posted: false } },
      timeout: 60_000,
      schedule: { text: '2031-05-04T10:00:00+00:00' },
    },
  });
  expect(parse({ postgres_version: '16.3' })).toMatchObject({
    request: { filters: { olderThan: { number: 160_003 } } },
  });
});

describe('REST-75: what makes no sense is refused', () => {
  const rows: readonly (readonly [JsonObject, number, string])[] = [
    [{ foo: 1 }, 400, 'Unknown filter for the scheduled restart: foo'],
    [{ timeout: 0 }, 400, 'Timeout should be a positive number of seconds'],
    [{ timeout: '500ms' }, 400, 'Timeout should be a positive number of seconds'],
    [{ postgres_version: '16' }, 400, 'Invalid PostgreSQL version format: X.Y or X.Y.Z is accepted: 16'],
    [{ postgres_version: '9.6' }, 400, 'Invalid PostgreSQL version format: X.Y or X.Y.Z is accepted: 9.6'],
    [{ postgres_version: 'new.1' }, 400, 'Invalid PostgreSQL version: new.1'],
    // As a number 16.10 is 16.1.
    [{ postgres_version: 16.1 }, 400, 'Invalid PostgreSQL version: 16.1'],
    [{ postgres_version: null }, 400, 'Invalid PostgreSQL version: None'],
    [{ role: 'master' }, 400, 'PostgreSQL role should be either primary, standby_leader, or replica'],
    [
      { schedule: '' },
      422,
      'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601',
    ],
    [
      { schedule: null },
      422,
      'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601',
    ],
    [{ schedule: '2031-05-04T10:00' }, 400, 'Timezone information is mandatory for the scheduled restart'],
    [{ schedule: '2020-05-04T10:00Z' }, 422, 'Cannot schedule restart in the past'],
  ];
  for (const [body, status, text] of rows) {
    test(JSON.stringify(body), () => {
      expect(refusal(body)).toEqual([status, text]);
    });
  }
  test('the first bad key answers', () => {
    expect(refusal({ timeout: 0, foo: 1 })).toEqual([400, 'Timeout should be a positive number of seconds']);
  });
  test('REST-77: a schedule in a pause, whatever else is there', () => {
    expect(refusal({ foo: 1, schedule: 'soon' }, true)).toEqual([500, "Can't schedule restart in the paused state"]);
  });
});
