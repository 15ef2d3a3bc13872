import { readdir } from 'node:fs/promises';
import { isAbsent } from '../errors.ts';

/** A directory that is not there has nothing in it. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
