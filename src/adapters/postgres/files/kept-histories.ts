import { join } from 'node:path';
import { namesIn } from './names-in.ts';
import { fileModeIn, readText, writeFileIfDifferent } from './write-file.ts';

/** The text of timeline history files, by their names. */
export type Histories = Readonly<Record<string, string>>;

export async function historiesIn(dataDir: string): Promise<Histories> {
  const folder = join(dataDir, 'pg_wal');
  const found: Record<string, string> = {};
  for (const name of (await namesIn(folder)).filter(isHistory)) {
    const text = await readText(join(folder, name));
    if (text !== null && text !== '') found[name] = text;
  }
  return found;
}

/**
 * pg_rewind empties each file that it copies before it asks for what is in it. Broken off then it leaves history files
 * empty, and finds no common ancestor by them the next time.
 */
export async function refillHistories(dataDir: string, kept: Histories): Promise<void> {
  for (const [name, text] of Object.entries(kept)) {
    const path = join(dataDir, 'pg_wal', name);
    const isLost = ((await readText(path)) ?? '') === '';
    if (isLost && isHistory(name)) await writeFileIfDifferent(path, text, await fileModeIn(dataDir));
  }
}

function isHistory(name: string): boolean {
  return /^[0-9A-F]{8}\.history$/.test(name);
}
