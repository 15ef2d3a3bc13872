/**
 * A moment in local time by a pattern of `strftime`. What is no such letter stays as it is.
 */
export function formatTime(pattern: string, at: Date): string {
  return pattern.replaceAll(/%([a-zA-Z%])/g, (whole, letter: string) => LETTERS[letter]?.(at) ?? whole);
}

/** `2026-01-31 10:20:30,123`: what Python's logging writes when nothing else is asked for. */
export function usualTime(at: Date): string {
  return `${formatTime('%Y-%m-%d %H:%M:%S', at)},${padded(at.getMilliseconds(), 3)}`;
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
  ...(['January', 'February', 'March', 'April', 'May', 'June'] as const),
  ...(['July', 'August', 'September', 'October', 'November', 'December'] as const),
];

const LETTERS: Readonly<Record<string, (at: Date) => string>> = {
  '%': () => '%',
  Y: (at) => padded(at.getFullYear(), 4),
  y: (at) => padded(at.getFullYear() % 100),
  m: (at) => padded(at.getMonth() + 1),
  d: (at) => padded(at.getDate()),
  e: (at) => String(at.getDate()).padStart(2),
  H: (at) => padded(at.getHours()),
  I: (at) => padded(((at.getHours() + 11) % 12) + 1),
  M: (at) => padded(at.getMinutes()),
  S: (at) => padded(at.getSeconds()),
  p: (at) => (at.getHours() < 12 ? 'AM' : 'PM'),
  a: (at) => (DAYS[at.getDay()] ?? '').slice(0, 3),
  A: (at) => DAYS[at.getDay()] ?? '',
  b: (at) => (MONTHS[at.getMonth()] ?? '').slice(0, 3),
  B: (at) => MONTHS[at.getMonth()] ?? '',
  j: (at) => padded(dayOfYear(at), 3),
  s: (at) => String(Math.floor(at.getTime() / 1000)),
  F: (at) => formatTime('%Y-%m-%d', at),
  T: (at) => formatTime('%H:%M:%S', at),
  D: (at) => formatTime('%m/%d/%y', at),
  R: (at) => formatTime('%H:%M', at),
  z: zone,
  Z: (at) => /\(([A-Z]+)\)$/.exec(at.toString())?.[1] ?? (at.getTimezoneOffset() === 0 ? 'UTC' : zone(at)),
};

function zone(at: Date): string {
  const east = -at.getTimezoneOffset();
  const size = Math.abs(east);
  return `${east < 0 ? '-' : '+'}${padded(Math.floor(size / 60))}${padded(size % 60)}`;
}

function dayOfYear(at: Date): number {
  const day = 24 * 60 * 60 * 1000;
  return Math.round((Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) - Date.UTC(at.getFullYear(), 0, 0)) / day);
}

function padded(number: number, digits = 2): string {
  return String(number).padStart(digits, '0');
}
