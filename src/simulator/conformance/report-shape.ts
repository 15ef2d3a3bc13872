import type { PostgresReport } from '../../domain/postgres-report.ts';

/** One report alone: which states of directory, processes and server go together. `null`: nothing contradicts. */
export function shapeContradiction({ dataDirectory, process, server }: PostgresReport): string | null {
  const control = dataDirectory.kind === 'present' ? dataDirectory.control : null;
  if (process.kind !== 'running' && server.kind !== 'down')
    return `the server answers ${server.kind} without a postmaster`;
  if (process.kind === 'running' && server.kind === 'down') return 'a postmaster runs, and the server is down';
  if (server.kind === 'standby' && control !== null && !standbyStates.has(control.state))
    return `a standby that is ${control.state}`;
  return null;
}

/** The look reads the control file before it asks the server, which may have been promoted or stopped in between. */
const standbyStates: ReadonlySet<string> = new Set([
  'in archive recovery',
  'in crash recovery',
  'in production',
  'shut down in recovery',
  'shut down',
  'starting up',
]);
