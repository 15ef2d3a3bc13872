import { join } from 'node:path';
import type { ControlData, DataDirectory } from '../../../domain/postgres-report.ts';
import { reasonOf } from '../errors.ts';
import { namesIn } from '../files/names-in.ts';
import type { RewindMark } from '../files/rewind-mark.ts';
import { isUnfinished } from '../files/unfinished.ts';
import { readText } from '../files/write-file.ts';
import { parseMajorVersion } from '../version.ts';

/** What lies in the data directory, without asking any server. */
export async function lookAtDirectory(
  dataDir: string,
  rewindMark: RewindMark,
  readControl: () => Promise<ControlData | null>,
): Promise<DataDirectory> {
  try {
    const names = new Set(await namesIn(dataDir));
    if (isEmpty(names)) return { kind: 'empty' };
    if (isUnfinished(dataDir)) return { kind: 'empty', unfinished: true };
    const majorVersion = parseMajorVersion((await readText(join(dataDir, 'PG_VERSION'))) ?? '');
    if (majorVersion === null) {
      return { kind: 'inaccessible', reason: 'it is not empty and has no PG_VERSION', holdsNoCluster: true };
    }
    return {
      kind: 'present',
      majorVersion,
      control: await readControl(),
      signal: names.has('standby.signal') ? 'standby' : names.has('recovery.signal') ? 'recovery' : 'none',
      hasBackupLabel: names.has('backup_label'),
      ...(rewindMark.isSet && { isHalfRewound: true }),
    };
  } catch (error) {
    return { kind: 'inaccessible', reason: reasonOf(error) };
  }
}

/** Hidden entries and what a fresh file system brings with it do not make a cluster (spec/config.md 11.3). */
export function isEmpty(names: ReadonlySet<string>): boolean {
  return [...names].every((name) => name.startsWith('.') || name === 'lost+found');
}
