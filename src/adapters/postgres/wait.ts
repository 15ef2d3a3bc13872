import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Ask `condition` again and again until it gives something else than `null`.
 * @returns that, or `'too-late'` after `limitMs`, or `'cancelled'` as soon as `signal` fires.
 */
export async function until<T>(
  condition: () => T | null | Promise<T | null>,
  options: { readonly everyMs: number; readonly limitMs: number; readonly signal: AbortSignal | null },
): Promise<
  { readonly kind: 'met'; readonly value: T } | { readonly kind: 'too-late' } | { readonly kind: 'cancelled' }
> {
  const start = performance.now();
  for (;;) {
    const value = await condition();
    if (value !== null) return { kind: 'met', value };
    if (options.signal?.aborted === true) return { kind: 'cancelled' };
    if (performance.now() - start >= options.limitMs) return { kind: 'too-late' };
    await pause(options.everyMs, options.signal);
  }
}

/** Wait for a while, or less when `signal` fires. */
export async function pause(spanMs: number, signal: AbortSignal | null): Promise<void> {
  try {
    await sleep(spanMs, undefined, signal === null ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

/** @returns what `work` gives, or `null` when it takes longer than `limitMs`; `work` then goes on unheard. */
export async function within<T>(work: Promise<T>, limitMs: number): Promise<T | null> {
  const alarm = new AbortController();
  try {
    return await Promise.race([work, pause(limitMs, alarm.signal).then(() => null)]);
  } finally {
    alarm.abort();
  }
}
