import type { Schedule } from '../../domain/cluster-view.ts';
import { wallTime } from '../../domain/time.ts';

/**
 * Read a moment as agents store it: ISO 8601 with an offset (`2026-09-01T02:30:00+00:00`). What people may type for it
 * is wider and needs today's date (`../rest/schedule-text.ts`).
 * @returns `unreadable` also for a date without offset: nobody can say when that is, and the leader discards it.
 * @see spec/dcs.md 1.9
 */
export function readStoredSchedule(text: string): Schedule {
  const match = ISO_WITH_OFFSET.exec(text.trim());
  const [, date = '', time = '', second = '00', fraction = '', offset = ''] = match ?? [];
  if (match === null || !isCalendarDate(date)) return { kind: 'unreadable', text };
  const at = Date.parse(`${date}T${time}:${second}${fraction.slice(0, 4)}${fullOffset(offset)}`);
  return Number.isNaN(at) ? { kind: 'unreadable', text } : { kind: 'at', at: wallTime(at), text };
}

const ISO_WITH_OFFSET =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(?::(\d{2})(\.\d+)?)?\s*([Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$/;

/** `+02` and `+0200` are valid, though not in JavaScript. */
function fullOffset(offset: string): string {
  const match = /^([+-]\d{2}):?(\d{2})?$/.exec(offset);
  return match?.[1] === undefined ? 'Z' : `${match[1]}:${match[2] ?? '00'}`;
}

/** JavaScript reads 31 February as 3 March. */
function isCalendarDate(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}
