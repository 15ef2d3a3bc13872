import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAbsent } from '../errors.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { parsePostmasterOptions } from './postmaster-options.ts';

/** Where a server listens that runs. The configuration may say something else by now, for its next start. */
export type Listening = {
  /** `null`: nobody gave them when it was started. */
  readonly addresses: string | null;
  readonly port: number | null;
  /** `null`: on no Unix socket. */
  readonly socketDirectory: string | null;
};

/** As the server itself has written it down. @returns `null`: none runs here. */
export function readListening(dataDir: string): Listening | null {
  const file = readPostmasterFile(dataDir);
  if (file === null) return null;
  const { port, socketDirectory } = file;
  return { addresses: parsePostmasterOptions(optionsIn(dataDir))['listen_addresses'] ?? null, port, socketDirectory };
}

function optionsIn(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, 'postmaster.opts'), 'utf8');
  } catch (error) {
    if (isAbsent(error)) return '';
    throw error;
  }
}
