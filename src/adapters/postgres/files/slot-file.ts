import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SlotName } from '../../../domain/names.ts';
import { fileModeIn, syncDirectory } from './write-file.ts';

/**
 * Put a slot's state where a server finds it when it starts, in the place of an older one; only while nothing runs. What a
 * crash leaves half done ends in `.tmp`, and PostgreSQL removes it.
 */
export async function writeSlotFile(
  dataDir: string,
  slot: { readonly name: SlotName; readonly file: Buffer },
): Promise<void> {
  const slots = join(dataDir, 'pg_replslot');
  const directory = join(slots, slot.name);
  const unfinished = `${directory}.tmp`;
  const mode = await fileModeIn(dataDir);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: mode === 0o640 ? 0o750 : 0o700 });
  const file = await open(join(unfinished, 'state'), 'wx', mode);
  try {
    await file.writeFile(slot.file);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(unfinished);
  await rm(directory, { recursive: true, force: true });
  await rename(unfinished, directory);
  await syncDirectory(directory);
  await syncDirectory(slots);
}
