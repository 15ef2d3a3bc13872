import { type WallTime, wallTime } from '../../../domain/time.ts';
import { type PostmasterFile, readPostmasterFile } from './postmaster-file.ts';
import {
  executableName,
  isZombie,
  type ProcessEntry,
  processEntry,
  realPath,
  startedAtSeconds,
  workingDirectory,
} from './process-table.ts';

/** A running postmaster (or single-user server) of the data directory. */
export type Postmaster = {
  readonly pid: number;
  readonly startTicks: number;
  readonly startedAt: WallTime;
  readonly kind: 'server' | 'single-user';
};

/** Whose the process in `postmaster.pid` is. */
export type PostmasterFinding =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly postmaster: Postmaster }
  /** A process of that number that is not a server that runs: the file is stale, and PostgreSQL must be told so. */
  | { readonly kind: 'stale-file'; readonly pid: number; readonly why: string };

/** Two seconds of rounding in the file and in /proc, and one for a slow start. */
const START_TOLERANCE_SECONDS = 3;

/**
 * The postmaster of `dataDir`, by its pid file and the rules of spec/postgres.md 4.1.
 * `launched` is the pid that this agent itself started: being its child is then no argument against it.
 */
export function findPostmaster(options: {
  readonly dataDir: string;
  readonly postgresNames: ReadonlySet<string>;
  readonly launched: number | null;
}): PostmasterFinding {
  const file = readPostmasterFile(options.dataDir);
  if (file === null) return { kind: 'none' };
  const pid = Math.abs(file.pid);
  const entry = processEntry(pid);
  if (entry === null) {
    return isZombie(pid)
      ? { kind: 'stale-file', pid, why: 'it has ended, and its parent does not reap it' }
      : { kind: 'none' };
  }
  const refusal = whyNotTheServer(entry, file, options);
  if (refusal !== null) return { kind: 'stale-file', pid, why: refusal };
  return {
    kind: 'found',
    postmaster: {
      pid,
      startTicks: entry.startTicks,
      startedAt: wallTime((file.startedAtSeconds ?? startedAtSeconds(entry) ?? 0) * 1000),
      kind: file.pid < 0 ? 'single-user' : 'server',
    },
  };
}

function whyNotTheServer(
  entry: ProcessEntry,
  file: PostmasterFile,
  options: {
    readonly dataDir: string;
    readonly postgresNames: ReadonlySet<string>;
    readonly launched: number | null;
  },
): string | null {
  if (entry.pid === process.pid || entry.pid === process.ppid) return 'it is the agent or its parent';
  if (entry.parent === process.pid && entry.pid !== options.launched) return 'it is another child of the agent';

  const started = startedAtSeconds(entry);
  if (
    started !== null &&
    file.startedAtSeconds !== null &&
    Math.abs(started - file.startedAtSeconds) <= START_TOLERANCE_SECONDS
  ) {
    return null;
  }
  // A step of the wall clock moves the boot time that /proc computes, so a different start alone refutes nothing.
  const executable = executableName(entry.pid);
  if (executable === null) return 'its executable cannot be read';
  if (!options.postgresNames.has(executable)) return `its executable is ${executable}`;
  const directory = workingDirectory(entry.pid);
  if (directory !== null && directory !== realPath(options.dataDir)) return `it serves ${directory}`;
  return null;
}
