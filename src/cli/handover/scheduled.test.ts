import { describe, expect, test } from 'vitest';
import { WALL_NOW } from '../../../test/support/node-snapshot.ts';
import { isStop } from '../stop.ts';
import { readScheduled } from './scheduled.ts';

const read = (text: string) => readScheduled(text, WALL_NOW);
/** The moment that was meant, whatever this host's zone is. */
const moment = (text: string): number => {
  const iso = read(text);
  return typeof iso === 'string' ? Date.parse(iso) : Number.NaN;
};

test('nothing, and now, mean at once', () => {
  expect([read(''), read(' now ')]).toEqual([null, null]);
});

test('a time with its zone is sent as it is', () => {
  expect(read('2031-05-05T10:00+02:00')).toBe('2031-05-05T10:00:00+02:00');
  expect(read('2031-05-05 10:00 UTC')).toBe('2031-05-05T10:00:00+00:00');
});

describe('a time without a zone is the time of this host', () => {
  test.each(['2031-05-05T10:00', '2031-05-05 10:00:00', '2031-05-05 10:00 AM', '2031-05-05 10:00 CET'])(
    '%s',
    (text) => {
      expect(moment(text)).toBe(new Date(2031, 4, 5, 10).getTime());
    },
  );

  test('in winter, too', () => {
    expect(moment('2031-12-24T18:30')).toBe(new Date(2031, 11, 24, 18, 30).getTime());
  });
});

test('what is no time is refused', () => {
  expect(isStop(read('garbage'))).toBe(true);
  expect(isStop(read('2031-02-31T10:00'))).toBe(true);
});
