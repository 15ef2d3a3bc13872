import type { Millis } from '../../domain/time.ts';

/** What `work` comes to if it does within `limit`, else `late`; the work itself goes on for whoever else waits for it. */
export async function within<T>(work: Promise<T>, limit: Millis, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), Math.max(0, limit));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
