import type { PostgresReport } from '../../domain/postgres-report.ts';
import type { PostgresTask } from '../../domain/task.ts';
import type { PostgresStep } from './postgres-record.ts';

/**
 * What the first look after a task shows is what the task promises to leave. Where a server was started it may have
 * died since, and says so.
 * @returns what contradicts, in words.
 */
export function resultContradictions(steps: readonly PostgresStep[]): readonly string[] {
  const found: string[] = [];
  let done: Extract<PostgresStep, { readonly kind: 'task-ended' }> | null = null;
  for (const step of steps) {
    if (step.kind === 'task-ended') done = step.outcome.kind === 'done' ? step : null;
    if (step.kind === 'task-began' || step.kind === 'agent-started') done = null;
    if (step.kind !== 'report' || done === null || step.report.observedAt < done.at) continue;
    // A disk that did not answer in time says nothing; the next look will.
    if (step.report.dataDirectory.kind === 'inaccessible') continue;
    const problem = problemAfter(done.task, step.report);
    if (problem !== null) found.push(`after ${done.task.kind}: ${problem}`);
    done = null;
  }
  return found;
}

function problemAfter(task: PostgresTask, report: PostgresReport): string | null {
  switch (task.kind) {
    case 'bootstrap':
      return serves('primary', report);
    case 'promote':
      return serves('primary', report);
    case 'start':
    case 'restart':
      return serves(task.desired.standby === null ? 'primary' : 'standby', report);
    case 'copy-slots':
      return serves('standby', report);
    case 'clone':
    case 'rewind':
      return isDown(report) ?? signalIs('standby', report);
    case 'crash-recovery':
      return isDown(report) ?? stateIs('shut down', report);
    case 'stop':
    case 'end-orphans':
      return isDown(report);
    case 'remove-data':
      return isDown(report) ?? isEmpty(report);
    case 'set-aside-data':
      return isDown(report) ?? (holdsNoCluster(report) ? null : isEmpty(report));
  }
}

function isEmpty({ dataDirectory }: PostgresReport): string | null {
  return dataDirectory.kind === 'empty' ? null : `there is a directory: ${dataDirectory.kind}`;
}

/** What cannot be moved is kept from counting as one. */
function holdsNoCluster({ dataDirectory }: PostgresReport): boolean {
  return dataDirectory.kind === 'inaccessible' && dataDirectory.holdsNoCluster === true;
}

function serves(role: 'primary' | 'standby', { process, server }: PostgresReport): string | null {
  const hasDied = process.kind !== 'running' || server.kind === 'rejecting' || server.kind === 'silent';
  return hasDied || server.kind === role ? null : `a ${server.kind}, not a ${role}`;
}

function isDown({ process }: PostgresReport): string | null {
  return process.kind === 'none' ? null : `its processes are ${process.kind}`;
}

function signalIs(wanted: 'standby', { dataDirectory }: PostgresReport): string | null {
  if (dataDirectory.kind !== 'present') return `the directory is ${dataDirectory.kind}`;
  return dataDirectory.signal === wanted ? null : `the signal is ${dataDirectory.signal}`;
}

function stateIs(wanted: 'shut down', { dataDirectory }: PostgresReport): string | null {
  const state = dataDirectory.kind === 'present' ? (dataDirectory.control?.state ?? null) : dataDirectory.kind;
  return state === wanted ? null : `it is ${state ?? 'unreadable'}`;
}
