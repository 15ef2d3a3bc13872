import { secondsText } from './figures.ts';
import { type Line, span } from './line.ts';

/** How much is left of a lease that is granted for `ttlMs`, as a bar that runs down in front of you. */
export function leaseRow(
  { holder, leftMs, ttlMs }: { readonly holder: string; readonly leftMs: number; readonly ttlMs: number },
  columns: number,
): Line {
  if (leftMs <= 0) {
    const ended = `that of ${holder} ended ${secondsText(-leftMs, 1)} ago, and nobody has taken it`;
    return [span(LABEL), span(ended, 'bad')];
  }
  const text = secondsText(leftMs, 1);
  const width = Math.max(10, Math.min(40, columns - 41 - holder.length));
  const full = Math.min(width, Math.ceil((leftMs / ttlMs) * width));
  const isShort = leftMs < ttlMs / 3;
  return [
    span(`${LABEL}${holder}  [`),
    span('#'.repeat(full), isShort ? 'warn' : 'good'),
    span(`${'.'.repeat(width - full)}]`),
    span(` ${text} left of ${ttlMs / 1000} s`),
  ];
}

/** Where nothing runs down. */
export function leaselessRow(text: string): Line {
  return [span(LABEL), span(text, 'dim')];
}

const LABEL = ' lease   ';
