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
  const everyMs = (watch > 0 ? watch : W ? 2 : 0) * 1000;
  return everyMs > 0 ? { kind: 'every', milliseconds: everyMs } : { kind: 'once' };
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It is no span in seconds.');
  return value;
}
