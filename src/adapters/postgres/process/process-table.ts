import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { errorCode, isAbsent } from '../errors.ts';

/** One process as /proc shows it. A process is the same one only if pid and start agree. */
export type ProcessEntry = {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot. */
  readonly startTicks: number;
  readonly hasTerminal: boolean;
};

/** The kernel's USER_HZ, in which /proc counts; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * The process, unless it has ended. A zombie has ended: it holds no file, socket or memory and commits nothing.
 * @returns `null` as well when /proc hides it.
 */
export function processEntry(pid: number): ProcessEntry | null {
  const text = readProc(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(pid, text);
}

/** It has ended, and whoever should reap it does not: its number still counts as a process, for PostgreSQL too. */
export function isZombie(pid: number): boolean {
  const text = readProc(`/proc/${pid}/stat`);
  return text !== null && fieldsAfterName(text)[0] === 'Z';
}

/** Is it still that same process? Its number alone may be another's by now. */
export function isAlive(process: { readonly pid: number; readonly startTicks: number }): boolean {
  return processEntry(process.pid)?.startTicks === process.startTicks;
}

export function parseStat(pid: number, text: string): ProcessEntry | null {
  const fields = fieldsAfterName(text);
  const [state, parent, , , terminal] = fields;
  const startTicks = fields[19];
  if (state === undefined || parent === undefined || startTicks === undefined) return null;
  if (state === 'Z' || state === 'X') return null;
  return { pid, parent: Number(parent), startTicks: Number(startTicks), hasTerminal: terminal !== '0' };
}

/** The name in parentheses may hold blanks and parentheses, so fields count from the last one. */
function fieldsAfterName(text: string): readonly string[] {
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Wall time of a process's start in seconds since 1970, from the boot time that /proc/stat shows now. */
export function startedAtSeconds(entry: ProcessEntry): number | null {
  const boot = /^btime (\d+)$/m.exec(readProc('/proc/stat') ?? '')?.[1];
  return boot === undefined ? null : Number(boot) + entry.startTicks / TICKS_PER_SECOND;
}

/** Base name of the executable, also after an upgrade has replaced the file; `null` when it cannot be read. */
export function executableName(pid: number): string | null {
  const path = readLink(`/proc/${pid}/exe`);
  return path === null ? null : basename(path.replace(/ \(deleted\)$/, ''));
}

export function workingDirectory(pid: number): string | null {
  return readLink(`/proc/${pid}/cwd`);
}

/** Every process that has not ended. */
function allProcesses(): readonly ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processEntry(Number(name)))
    .filter((entry) => entry !== null);
}

/** Children, their children and so on; `pid` itself is not among them. */
export function descendantsOf(pid: number): readonly ProcessEntry[] {
  const all = allProcesses();
  const found: ProcessEntry[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = all.filter((entry) => parents.has(entry.parent));
    found.push(...children);
    parents = new Set(children.map((entry) => entry.pid));
  }
  return found;
}

/** The path without symbolic links; the path itself when there is nothing at it. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Device and inode of what is at a path; `null` when nothing is. */
export function inodeOf(path: string): string | null {
  try {
    const stats = statSync(path, { bigint: true });
    return `${stats.dev}:${stats.ino}`;
  } catch (error) {
    return absentOrHidden(error);
  }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    return absentOrHidden(error);
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    return absentOrHidden(error);
  }
}

/** @throws Anything else: no file handle left, say, must not read as "no such process". */
function absentOrHidden(error: unknown): null {
  if (isAbsent(error) || ['ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return null;
  throw error;
}
