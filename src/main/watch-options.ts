import { InvalidArgumentError, Option } from 'commander';
import type { Repeat } from '../cli/repeat.ts';

/** `-W` and `-w SECONDS`, as commander hands them over. */
export type WatchOptions = { readonly W: boolean; readonly watch: number };

export function watchOptions(): readonly [Option, Option] {
  return [
    new Option('-W', 'repeat every 2 seconds').default(false),
    new Option('-w, --watch <seconds>', 'repeat every so many seconds').argParser(seconds).default(0),
  ];
}

/** A span that is not zero beats the flag. */
export function repeatOf({ W, watch }: WatchOptions): Repeat {
  const everyMs = Math.min((watch > 0 ? watch : W ? 2 : 0) * 1000, LONGEST_MS);
  return everyMs > 0 ? { kind: 'every', milliseconds: everyMs } : { kind: 'once' };
}

/** Three and a half weeks. A timer that is set for longer goes off at once, and again, as fast as the store can answer. */
const LONGEST_MS = 2 ** 31 - 1;

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It is no span in seconds.');
  return value;
}
