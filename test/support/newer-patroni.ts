import { join } from 'node:path';
import { run } from './command.ts';

/**
 * The `patronictl` of the Patroni that we compare with, unpacked beside the installed one.
 * @throws with the script's own words when Debian's pool cannot be reached.
 */
export async function newerPatronictl(): Promise<string> {
  const script = join(import.meta.dirname, '../../scripts/newer-patroni.sh');
  const folder = (await run(['sh', script], { limitMs: 300_000 })).trim();
  return join(folder, 'bin/patronictl');
}
