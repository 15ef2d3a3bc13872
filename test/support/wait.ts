import { setTimeout as pause } from 'node:timers/promises';

/**
 * Wait until `check` gives an answer, looking every `everyMs`.
 * @returns what `check` gave; `null`, `undefined` and `false` mean "not yet".
 * @throws after `withinMs`, naming what was waited for and the last thing that went wrong while looking.
 */
export async function until<T>(
  what: string,
  { withinMs, everyMs = 50 }: { readonly withinMs: number; readonly everyMs?: number },
  check: () => Promise<T | null | undefined | false> | T | null | undefined | false,
): Promise<T> {
  const end = monotonicMs() + withinMs;
  let trouble = '';
  for (;;) {
    try {
      const found = await check();
      if (found !== null && found !== undefined && found !== false) return found;
      trouble = '';
    } catch (error) {
      trouble = `; the last look failed: ${String(error)}`;
    }
    if (monotonicMs() > end) throw new Error(`not within ${withinMs / 1000} s: ${what}${trouble}`);
    await pause(everyMs);
  }
}

/** Let `ms` pass because the scenario itself is a span (a freeze longer than the lease), never in place of a condition. */
export async function letPass(ms: number): Promise<void> {
  await pause(ms);
}

/** CLOCK_MONOTONIC in milliseconds: one clock for all processes and namespaces of a machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
