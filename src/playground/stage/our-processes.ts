import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * The processes of a playground that have to do with `folder`. Parents say nothing here: PostgreSQL and the guardian
 * leave their starter on purpose. And not everything that works in the folder is ours: a shell that looks around there,
 * or `psql`, is somebody's.
 */
export function ourProcesses({ folder, programs }: Where): readonly OurProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      const kind = kindOf(pid, { folder, programs });
      return kind === null ? [] : [{ pid, kind }];
    });
}

/** Looked for at this very moment: a number that was ours a while ago may be somebody else's now. */
export function signalOurs(
  signal: NodeJS.Signals,
  where: Where,
  isMeant: (found: OurProcess) => boolean = () => true,
): readonly OurProcess[] {
  const found = ourProcesses(where).filter(isMeant);
  for (const { pid } of found) sendSignal(pid, signal);
  return found;
}

export interface Where {
  readonly folder: string;
  readonly programs: Programs;
}

/** The real paths of what runs in a playground. */
export interface Programs {
  readonly node: string;
  readonly etcd: string;
  /** The folder of PostgreSQL's programs. */
  readonly postgres: string;
}

export interface OurProcess {
  readonly pid: number;
  readonly kind: ProcessKind;
}

/** `server`: PostgreSQL, postmaster or not. `tool`: one of its programs that an agent runs, like pg_basebackup. */
export type ProcessKind = 'agent' | 'guardian' | 'store' | 'server' | 'tool';

function kindOf(pid: number, { folder, programs }: Where): ProcessKind | null {
  try {
    const program = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
    const isOfPostgres = dirname(program) === programs.postgres && basename(program) !== 'psql';
    if (program !== programs.node && program !== programs.etcd && !isOfPostgres) return null;
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    if (program === programs.node) return agentOrGuardian(args, folder);
    const isThere =
      isBelow(readlinkSync(`/proc/${pid}/cwd`), folder) || args.some((arg) => isBelow(valueOf(arg), folder));
    if (!isThere) return null;
    return isOfPostgres ? (basename(program) === 'postgres' ? 'server' : 'tool') : 'store';
  } catch {
    return null; // Somebody else's process, or gone.
  }
}

/** Another command of this program that reads one of our files is neither. */
function agentOrGuardian(args: readonly string[], folder: string): ProcessKind | null {
  const agentAt = args.indexOf('agent');
  if (agentAt >= 0) return isBelow(args[agentAt + 1] ?? '', folder) ? 'agent' : null;
  const isGuardian = args.some((arg) => arg.startsWith('--guardian-of=') && isBelow(valueOf(arg), folder));
  return isGuardian ? 'guardian' : null;
}

function valueOf(arg: string): string {
  return arg.slice(arg.indexOf('=') + 1);
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself.
  }
}
