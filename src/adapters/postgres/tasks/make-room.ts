import { chmod, mkdir, stat } from 'node:fs/promises';
import { emptyDataDirectory } from './remove-data.ts';

/** The data directory, there and closed to others, for what is about to be made in it. */
export async function makeRoom(dataDir: string, content: 'emptied' | 'kept'): Promise<void> {
  if (content === 'emptied') await emptyDataDirectory(dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  // A mode that no server starts with is made right, as initdb does it; other tools leave a directory as they find it.
  const { mode } = await stat(dataDir);
  if ((mode & OPEN_TO_OTHERS) !== 0) await chmod(dataDir, 0o700);
}

const OPEN_TO_OTHERS = 0o027;
