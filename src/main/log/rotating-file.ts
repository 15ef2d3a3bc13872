import { appendFileSync, chmodSync, renameSync, statSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogConfig } from '../../domain/agent-config.ts';
import type { Sink } from './line-queue.ts';

/**
 * `patroni.log` in a folder, under the name that log shippers know. Before it would grow beyond its size it becomes
 * `patroni.log.1`, that one `.2`, and so on; the oldest is replaced. A folder that takes nothing (full, gone) loses lines
 * and says so once on standard error, until it takes them again.
 */
export function rotatingFile(
  { folder, mode, kept, bytesMax }: NonNullable<LogConfig['file']>,
  complain: (problem: string) => void,
): Sink {
  const path = join(folder, 'patroni.log');
  let size = sizeOf(path);
  let isTrouble = false;

  const makeRoom = (bytes: number): void => {
    if (size === 0 || size + bytes <= bytesMax) return;
    for (let number = kept; number > 0; number -= 1) {
      renameIfThere(number === 1 ? path : `${path}.${number - 1}`, `${path}.${number}`);
    }
    size = 0;
  };
  const wrote = (bytes: number): void => {
    if (size === 0 && mode !== null) chmodSync(path, mode);
    size += bytes;
    isTrouble = false;
  };
  const failed = (error: unknown): void => {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (!isTrouble) complain(`${path} cannot be written: ${error.message}`);
    isTrouble = true;
  };
  return {
    async write(text) {
      const bytes = Buffer.byteLength(text);
      try {
        makeRoom(bytes);
        await appendFile(path, text);
        wrote(bytes);
      } catch (error) {
        failed(error);
      }
    },
    writeNow(text) {
      try {
        appendFileSync(path, text);
      } catch (error) {
        failed(error);
      }
    },
  };
}

/** What may not be looked at is told when it is written, which fails as well. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return 0;
  }
}

function renameIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}
