import { write, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sink } from './line-queue.ts';

const STDERR = 2;
/** A pipe that somebody made non-blocking is full for a moment. */
const AGAIN_MS = 20;

/**
 * Standard error, written by a thread of the pool: Node's own stream writes pipes in this thread, and a reader that is
 * stuck (a full journal) would stop the agent with it.
 */
export const standardError: Sink = {
  async write(text) {
    let rest = Buffer.from(text);
    while (rest.length > 0) {
      const written = await attempt(rest);
      if (written === 'gone') return;
      if (written === 0) await sleep(AGAIN_MS);
      rest = rest.subarray(written);
    }
  },
  writeNow(text) {
    try {
      writeSync(STDERR, text);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  },
};

/** @returns how many bytes were taken; `gone`: nobody reads it any more, and PostgreSQL must not go with the reader. */
function attempt(bytes: Buffer): Promise<number | 'gone'> {
  return new Promise((resolve) => {
    write(STDERR, bytes, (error, written) => {
      if (error === null) resolve(written);
      else resolve(error.code === 'EAGAIN' || error.code === 'EINTR' ? 0 : 'gone');
    });
  });
}
