import { isMarked, markPath, removeMark, setMark } from './mark.ts';

/**
 * Beside the data directory while a cluster is created in it or copied into it. What is found with this mark is what
 * was left when that was killed: it never was a cluster, counts as an empty directory, and is emptied by the next try.
 * It lies beside and not inside, because initdb and pg_basebackup want the directory empty.
 */
function markOf(dataDir: string): string {
  return markPath(dataDir, 'unfinished');
}

export function isUnfinished(dataDir: string): boolean {
  return isMarked(dataDir, markOf(dataDir));
}

/** A parent directory that is not ours to write does without: what a kill leaves is then for a person to remove. */
export async function markUnfinished(dataDir: string): Promise<void> {
  const text =
    'Matriarch was creating or copying the data directory beside this file and has not finished: it counts as empty, ' +
    'and is emptied by the next try. Whoever puts a data directory there by hand removes this file.\n';
  await setMark(dataDir, markOf(dataDir), text);
}

export async function markFinished(dataDir: string): Promise<void> {
  await removeMark(dataDir, markOf(dataDir));
}
