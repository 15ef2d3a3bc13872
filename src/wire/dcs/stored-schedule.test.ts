import { expect, it } from 'vitest';
import { readStoredSchedule } from './stored-schedule.ts';

it.each<[string, number | null]>([
  ['2026-09-01T02:30:00+00:00', Date.UTC(2026, 8, 1, 2, 30)],
  ['2026-09-01T02:30:00.123456+02:00', Date.UTC(2026, 8, 1, 0, 30, 0, 123)],
  ['2026-09-01 02:30Z', Date.UTC(2026, 8, 1, 2, 30)],
  ['2026-09-01T02:30:00-0330', Date.UTC(2026, 8, 1, 6, 0)],
  ['2026-09-01T02:30:00+05', Date.UTC(2026, 7, 31, 21, 30)],
  ['2026-09-01T02:30:00', null],
  ['2026-02-31T02:30:00+00:00', null],
  ['2026-09-01T25:30:00+00:00', null],
  ['2026-09-01T02:30:00+99:99', null],
  ['tomorrow', null],
  ['', null],
])('%j', (text, at) => {
  expect(readStoredSchedule(text)).toEqual(at === null ? { kind: 'unreadable', text } : { kind: 'at', at, text });
});
