import { type WallTime, wallTime } from '../../domain/time.ts';

export type ParsedSchedule =
  /** `iso`: as it is stored and shown: ISO 8601 with the offset that was asked for. */
  | { readonly kind: 'at'; readonly at: WallTime; readonly iso: string }
  /** A time, and nobody can know where. */
  | { readonly kind: 'no-zone' }
  | { readonly kind: 'unreadable' };

/**
 * Read a moment as people write it: ISO 8601 long or basic, `Jan 1 2031 00:00 UTC`, `12:00Z` and `10:00 PM +0300` (the
 * day that it is there). A zone that is not UTC, GMT, Z or figures is as good as none (spec/rest-api.md 12).
 */
export function parseSchedule(text: string, now: WallTime): ParsedSchedule {
  const date = readDate(text.trim());
  const clock = readClock(date.rest);
  const zone = readZone(clock.rest.trim());
  if ((date.value === null && clock.value === null) || zone === 'unreadable') return { kind: 'unreadable' };

  const offsetMinutes = zone === 'none' ? 0 : zone;
  const { year, month, day } = date.value ?? dayOf(now + offsetMinutes * MINUTE_MS);
  const { hour, minute, second, micros } = clock.value ?? midnight;
  const shown = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isReal = shown.getUTCMonth() === month - 1 && shown.getUTCDate() === day && shown.getUTCHours() === hour;
  if (!isReal || minute > 59 || second > 59) return { kind: 'unreadable' };
  if (zone === 'none') return { kind: 'no-zone' };
  return {
    kind: 'at',
    at: wallTime(shown.getTime() + micros / 1000 - offsetMinutes * MINUTE_MS),
    iso: `${shown.toISOString().slice(0, 19)}${fractionText(micros)}${offsetText(offsetMinutes)}`,
  };
}

type Day = { readonly year: number; readonly month: number; readonly day: number };
type Clock = { readonly hour: number; readonly minute: number; readonly second: number; readonly micros: number };
/** What was read from the front of a text, and what is left of it. */
type Read<T> = { readonly value: T | null; readonly rest: string };

const MINUTE_MS = 60_000;
const midnight: Clock = { hour: 0, minute: 0, second: 0, micros: 0 };
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function readDate(text: string): Read<Day> {
  const figures = /^(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)|^(\d{4})(\d{2})(\d{2})(?!\d)/.exec(text);
  if (figures !== null) {
    const [all, ...groups] = figures;
    const [year = 0, month = 0, day = 0] = groups.filter(Boolean).map(Number);
    return { value: { year, month, day }, rest: text.slice(all.length) };
  }
  const [all = '', name = '', day, year] = /^([a-z]{3})[a-z]*\.? +(\d{1,2}),? +(\d{4})(?!\d)/i.exec(text) ?? [];
  const month = monthNames.indexOf(name.toLowerCase()) + 1;
  if (month === 0) return { value: null, rest: text };
  return { value: { year: Number(year), month, day: Number(day) }, rest: text.slice(all.length) };
}

function readClock(text: string): Read<Clock> {
  const long = /^(?:t| *)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: *([ap]m))?/i.exec(text);
  const [all, hour, minute, second = '0', fraction = '', half] =
    long ?? /^t(\d{2})(\d{2})(\d{2})?(?:[.,](\d{1,9}))?/i.exec(text) ?? [];
  if (all === undefined) return { value: null, rest: text };
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  const value = { hour: hourOfDay(Number(hour), half), minute: Number(minute), second: Number(second), micros };
  return { value, rest: text.slice(all.length) };
}

/** 12 AM is midnight. Out of range stays out of range, so that `13:00 PM` is refused. */
function hourOfDay(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return Number.NaN;
  return (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
}

function readZone(text: string): number | 'none' | 'unreadable' {
  if (/^(z|utc|gmt)$/i.test(text)) return 0;
  const figures = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(text);
  if (figures === null) return text === '' || /^[a-z][a-z_/+-]*$/i.test(text) ? 'none' : 'unreadable';
  const [, sign, hours, minutes = '0'] = figures;
  if (Number(hours) > 23 || Number(minutes) > 59) return 'unreadable';
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function dayOf(milliseconds: number): Day {
  const day = new Date(milliseconds);
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
}

function fractionText(micros: number): string {
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`;
}

function offsetText(minutes: number): string {
  const figures = (value: number): string => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${figures(Math.trunc(size / 60))}:${figures(size % 60)}`;
}
