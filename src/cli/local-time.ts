import type { WallTime } from '../domain/time.ts';

/** `YYYY-MM-DD HH:MM:SS` in the zone of this host. */
export function localTime(at: WallTime): string {
  const moment = new Date(at);
  const figures = (value: number): string => String(value).padStart(2, '0');
  const day = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()].map(figures).join('-');
  return `${day} ${[moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(figures).join(':')}`;
}

/** The same with five digits of a second's fraction, as Patroni's tool prints what happened. */
export function preciseTime(at: WallTime): string {
  return `${localTime(at)}.${String(at % 1_000).padStart(3, '0')}00`;
}
