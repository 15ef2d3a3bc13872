import { readFile } from 'node:fs/promises';

/**
 * What a process has used and holds.
 * @returns `cpuMs`: user and system time of all its threads since its start. `memoryMiB`: its private memory plus half
 * of what it shares with others.
 */
export async function footprintOf(pid: number): Promise<Footprint> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kibibytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1]);
  const ofOwn = kibibytes('Private_Clean') + kibibytes('Private_Dirty');
  const shared = kibibytes('Shared_Clean') + kibibytes('Shared_Dirty');
  return { cpuMs: await cpuMsOf(pid), memoryMiB: (ofOwn + shared / 2) / 1024, privateMiB: ofOwn / 1024 };
}

export interface Footprint {
  readonly cpuMs: number;
  readonly memoryMiB: number;
  readonly privateMiB: number;
}

async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // Behind the command's name (it may hold blanks and brackets) fields 14 and 15 are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * 10; // Linux shows hundredths of a second to user space, whatever the kernel counts in.
}
