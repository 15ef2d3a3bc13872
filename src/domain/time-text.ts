import type { WallTime } from './time.ts';

/** A moment as Python prints a datetime: a blank instead of `T`, six digits of fraction or none, offset in figures. */
export function plainTime(at: WallTime): string {
  return isoTime(at).replace('T', ' ');
}

/** ISO 8601 in UTC with a numeric offset: `2031-05-04T10:00:00+00:00`, with six digits of fraction unless it is zero. */
export function isoTime(at: WallTime): string {
  const iso = new Date(at).toISOString();
  const fraction = iso.slice(19, -1);
  return `${iso.slice(0, 19)}${fraction === '.000' ? '' : `${fraction}000`}+00:00`;
}
