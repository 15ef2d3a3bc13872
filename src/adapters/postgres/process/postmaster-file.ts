import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isAbsent } from '../errors.ts';

/** What a server writes into `postmaster.pid` (spec/postgres.md 4.1). */
export type PostmasterFile = {
  /** Negative: a single-user server. */
  readonly pid: number;
  readonly startedAtSeconds: number | null;
  readonly port: number | null;
  /** `null`: it listens on no Unix socket. */
  readonly socketDirectory: string | null;
  /** `ready`: it accepts connections. `standby`: it will once it is consistent. `null`: not written yet. */
  readonly status: 'starting' | 'stopping' | 'ready' | 'standby' | null;
};

/** @returns `null` when there is no such file, or no pid in it. */
export function readPostmasterFile(dataDir: string): PostmasterFile | null {
  try {
    return parsePostmasterFile(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'), dataDir);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Its socket's directory may be written from `dataDir`, where it works. */
export function parsePostmasterFile(text: string, dataDir: string): PostmasterFile | null {
  const [pid, , startedAt, port, socketDirectory, , , status] = text.split('\n').map((line) => line.trim());
  if (pid === undefined || !/^-?[1-9]\d*$/.test(pid)) return null;
  return {
    pid: Number(pid),
    startedAtSeconds: wholeNumber(startedAt),
    port: wholeNumber(port),
    socketDirectory: socketDirectory === undefined ? null : pathOf(socketDirectory, dataDir),
    status:
      status === 'starting' || status === 'stopping' || status === 'ready' || status === 'standby' ? status : null,
  };
}

/** One that begins with `@` is in no directory, and not known to our driver. */
function pathOf(socketDirectory: string, dataDir: string): string | null {
  return socketDirectory === '' || socketDirectory.startsWith('@') ? null : resolve(dataDir, socketDirectory);
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
