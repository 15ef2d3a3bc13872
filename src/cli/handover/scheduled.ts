import type { WallTime } from '../../domain/time.ts';
import { type ParsedSchedule, parseSchedule } from '../../wire/rest/schedule-text.ts';
import { type Stop, stop } from '../stop.ts';

/**
 * When a switchover is to take place, as it is sent: ISO 8601 with an offset, or `null` for now. A time without a zone, or
 * with the name of one, is taken as the time of this host (spec/ctl.md 5).
 */
export function readScheduled(text: string, now: WallTime): string | null | Stop {
  const given = text.trim();
  if (given === '' || given === 'now') return null;
  const parsed = parseSchedule(given, now);
  if (parsed.kind === 'at') return parsed.iso;
  const local = parsed.kind === 'no-zone' ? asLocal(given, now) : null;
  return local?.kind === 'at'
    ? local.iso
    : stop(`Unable to parse scheduled timestamp (${text}). It should be in an unambiguous format (e.g. ISO 8601)`);
}

/** The same figures here: first as if it were UTC, to learn which offset this host has at that moment. */
function asLocal(text: string, now: WallTime): ParsedSchedule {
  const bare = text.replace(ZONE_NAME, '');
  const here = offsetText(new Date(now));
  const figures = parseSchedule(`${bare} ${here}`, now);
  if (figures.kind !== 'at') return figures;
  const shown = new Date(`${figures.iso.slice(0, 19)}Z`);
  const moment = new Date(
    shown.getUTCFullYear(),
    shown.getUTCMonth(),
    shown.getUTCDate(),
    shown.getUTCHours(),
    shown.getUTCMinutes(),
    shown.getUTCSeconds(),
  );
  return parseSchedule(`${bare} ${offsetText(moment)}`, now);
}

/** A last word that is no half of the day. */
const ZONE_NAME = /\s+(?![ap]m$)[a-z][a-z_/+-]*$/i;

function offsetText(moment: Date): string {
  const minutes = -moment.getTimezoneOffset();
  const figures = (value: number): string => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${figures(Math.trunc(size / 60))}:${figures(size % 60)}`;
}
