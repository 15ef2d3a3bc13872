import type { PublishedRole } from './cluster-view.ts';
import type { Memory } from './memory.ts';
import type { Observation } from './observation.ts';
import type { DataDirectory, PostgresReport } from './postgres-report.ts';
import { isStandbyCluster } from './standby-cluster.ts';
import type { PostgresTask } from './task.ts';

/** The state texts that members publish and scripts compare (spec/rest-api.md 11, spec/dcs.md 1.6). */
export type PostgresState =
  | 'initializing new cluster'
  | 'initdb failed'
  | 'running custom bootstrap script'
  | 'custom bootstrap failed'
  | 'creating replica'
  | 'running'
  | 'starting'
  | 'starting after custom bootstrap'
  | 'start failed'
  | 'restarting'
  | 'restart failed'
  | 'stopping'
  | 'stopped'
  | 'stop failed'
  | 'crashed';

/** Published states in which no PostgreSQL runs, and nobody is about to start one. Read from keys, so any text is asked. */
export const statesAtRest: ReadonlySet<string> = new Set<PostgresState>([
  'stopped',
  'crashed',
  'start failed',
  'initdb failed',
  'custom bootstrap failed',
]);

/**
 * What the local PostgreSQL is doing, in the words that members publish.
 * @returns `unknown` before the first look; nobody publishes that.
 */
export function memberState(observation: Observation, memory: Memory): PostgresState | 'unknown' {
  const custom = observation.config.bootstrap?.custom ?? null;
  if (memory.bootstrap.kind === 'failed') return custom === null ? 'initdb failed' : 'custom bootstrap failed';
  const { postgres, task } = observation;
  if (task?.task.kind === 'bootstrap' && custom !== null)
    return postgres?.process.kind === 'running' ? 'starting after custom bootstrap' : 'running custom bootstrap script';
  const byTask = task === null ? null : stateDuring(task.task);
  if (byTask !== null) return byTask;
  if (postgres === null) return 'unknown';
  const byReport = stateSeen(postgres);
  if (task?.task.kind === 'start' && byReport !== 'running') return 'starting';
  return byReport === 'stopped' && memory.crash !== null ? 'crashed' : byReport;
}

/**
 * What this member is. The server's own word comes before what we remember of it: a server that accepts writes is a
 * primary, whoever believes what. @returns `unknown` before the first look.
 */
export function memberRole(observation: Observation, memory: Memory): PublishedRole {
  const { postgres, task } = observation;
  if (postgres === null) return memory.role;
  if (task !== null && makesDataDirectory(task.task)) return 'uninitialized';
  const { dataDirectory, process, server } = postgres;
  if (dataDirectory.kind !== 'present') return 'uninitialized';
  if (server.kind === 'primary') return 'primary';
  if (task !== null && startsStandby(task.task)) return 'replica';
  if (server.kind === 'standby') return standbyRole(observation, memory.role);
  return memory.role === 'unknown' ? roleOnDisk(dataDirectory, process.kind === 'running') : memory.role;
}

/** @returns `null` where the task does not say it and PostgreSQL itself has to. */
function stateDuring(task: PostgresTask): PostgresState | null {
  switch (task.kind) {
    case 'bootstrap':
      return 'initializing new cluster';
    case 'clone':
      return 'creating replica';
    case 'stop':
      return 'stopping';
    case 'restart':
    case 'copy-slots':
      return 'restarting';
    case 'start':
    case 'promote':
    case 'rewind':
    case 'crash-recovery':
    case 'end-orphans':
    case 'remove-data':
    case 'set-aside-data':
      return null;
  }
}

function stateSeen({ dataDirectory, process, server }: PostgresReport): PostgresState {
  switch (server.kind) {
    case 'primary':
    case 'standby':
    // Alive and slow: the last that was known of it holds until something else is seen.
    case 'silent':
      return 'running';
    case 'rejecting':
      return isShuttingDown(dataDirectory) ? 'stopping' : 'starting';
    case 'down':
      // A process without a socket is about to open it. One without its postmaster is what a crash leaves.
      if (process.kind === 'running') return 'starting';
      return process.kind === 'orphaned' ? 'crashed' : 'stopped';
  }
}

function isShuttingDown(directory: DataDirectory): boolean {
  return directory.kind === 'present' && directory.control?.state === 'shutting down';
}

function makesDataDirectory(task: PostgresTask): boolean {
  return task.kind === 'bootstrap' || task.kind === 'clone';
}

function startsStandby(task: PostgresTask): boolean {
  return (task.kind === 'start' && task.desired.standby !== null) || task.kind === 'copy-slots';
}

/**
 * `promoted` lasts from an accepted promotion until the server says that it is a primary. Who holds the lock of a
 * standby cluster is its leader, also while the lock is in doubt or the store is away.
 */
function standbyRole({ dynamic, lease, store }: Observation, remembered: PublishedRole): PublishedRole {
  if (remembered === 'promoted') return remembered;
  if (!isStandbyCluster(dynamic)) return 'replica';
  if (lease?.lock.kind === 'held') return 'standby_leader';
  const isLost = lease?.lock.kind === 'not-held' && (store.kind === 'settled' || store.kind === 'unsettled');
  return isLost || remembered !== 'standby_leader' ? 'replica' : remembered;
}

/** Nothing remembered, nothing answered: what the directory was last. */
function roleOnDisk(directory: DataDirectory & { kind: 'present' }, isRunning: boolean): PublishedRole {
  if (directory.signal !== 'none') return 'replica';
  return isRunning ? 'primary' : 'demoted';
}
