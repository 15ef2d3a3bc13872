import type { Lsn } from '../../domain/lsn.ts';
import { type PostgresReport, standbyPosition } from '../../domain/postgres-report.ts';
import { sharesRoot, type Timeline } from '../../domain/timeline.ts';
import type { PostgresStep } from './postgres-record.ts';

/**
 * One report after the other: WAL that was there stays there, timelines only grow, a primary does not turn into
 * a standby while it runs, and files change their cluster only by a task that replaces them.
 * @returns what contradicts, in words.
 */
export function orderContradictions(steps: readonly PostgresStep[]): readonly string[] {
  const found: string[] = [];
  let before: PostgresReport | null = null;
  let isReplacing = false;
  for (const step of steps) {
    // What a new copy or a rewind leaves is not what was there before; a broken one may be seen half-way.
    if (step.kind === 'task-began') isReplacing = replacing.has(step.task.kind);
    if (step.kind === 'task-ended') isReplacing = false;
    if (step.kind !== 'report') {
      if (isReplacing || (step.kind === 'task-ended' && replacing.has(step.task.kind))) before = null;
      continue;
    }
    const { report } = step;
    if (isReplacing) continue;
    if (before !== null && report.observedAt >= before.observedAt) found.push(...contradictionsBetween(before, report));
    before = merged(before, report);
  }
  return found;
}

const replacing: ReadonlySet<string> = new Set(['bootstrap', 'clone', 'rewind', 'remove-data', 'set-aside-data']);

function contradictionsBetween(before: PostgresReport, after: PostgresReport): readonly string[] {
  return [
    ...roleChange(before, after),
    ...signalOfPrimary(before, after),
    ...positionChange(before, after),
    ...directoryChange(before, after),
    ...historyChange(before, after),
  ];
}

function roleChange(before: PostgresReport, after: PostgresReport): readonly string[] {
  const isSame = pidOf(before) !== null && pidOf(before) === pidOf(after);
  if (!isSame || before.server.kind !== 'primary' || after.server.kind !== 'standby') return [];
  return [`postmaster ${pidOf(after) ?? '?'} was a primary and is a standby`];
}

/**
 * A promotion removes the file. The first look at a postmaster that is a primary may have seen it right before, and the
 * server right after; what it was before, no look need have seen.
 */
function signalOfPrimary(before: PostgresReport, after: PostgresReport): readonly string[] {
  const { dataDirectory, server } = after;
  if (server.kind !== 'primary' || dataDirectory.kind !== 'present' || dataDirectory.signal === 'none') return [];
  const wasPrimary = before.server.kind === 'primary' && pidOf(before) === pidOf(after);
  return wasPrimary ? [`a primary with ${dataDirectory.signal}.signal`] : [];
}

/** On one timeline the WAL only grows, also over a restart: what was flushed is found again. */
function positionChange(before: PostgresReport, after: PostgresReport): readonly string[] {
  const [was, is] = [positionOf(before), positionOf(after)];
  if (was === null || is === null) return [];
  if (is.timeline < was.timeline) return [`timeline ${is.timeline} after ${was.timeline}`];
  if (is.timeline > was.timeline || is.lsn >= was.lsn) return [];
  // A standby that starts replays what it has; it says where it is before it has come to its end.
  if (pidOf(before) !== pidOf(after) && after.server.kind === 'standby') return [];
  return [`position ${is.lsn} after ${was.lsn} on timeline ${is.timeline}`];
}

function directoryChange(before: PostgresReport, after: PostgresReport): readonly string[] {
  const [was, is] = [controlOf(before), controlOf(after)];
  if (was === null || is === null) return [];
  if (was.systemId !== null && is.systemId !== null && was.systemId !== is.systemId)
    return [`system identifier ${is.systemId} after ${was.systemId}`];
  // A server that starts from a backup's label begins at the checkpoint that the label names.
  if (before.dataDirectory.kind === 'present' && before.dataDirectory.hasBackupLabel) return [];
  if (is.checkpointTimeline < was.checkpointTimeline || is.checkpointLsn < was.checkpointLsn)
    return [`checkpoint ${is.checkpointLsn} after ${was.checkpointLsn}`];
  return [];
}

/** A timeline's own history never changes; a later one continues it. */
function historyChange(before: PostgresReport, after: PostgresReport): readonly string[] {
  const [was, is] = [before.timelineHistory ?? null, after.timelineHistory ?? null];
  if (was === null || is === null || sharesRoot(was, is)) return [];
  return [`the history of timeline ${is.of} does not continue that of ${was.of}`];
}

/** The newest that is known of each part: a report in between may not have seen it. */
function merged(before: PostgresReport | null, report: PostgresReport): PostgresReport {
  if (before === null) return report;
  return {
    ...report,
    dataDirectory: controlOf(report) === null ? before.dataDirectory : report.dataDirectory,
    ...(positionOf(report) === null ? { server: before.server, process: before.process } : {}),
    timelineHistory: report.timelineHistory ?? before.timelineHistory ?? null,
  };
}

function controlOf({ dataDirectory }: PostgresReport) {
  return dataDirectory.kind === 'present' ? dataDirectory.control : null;
}

function pidOf({ process }: PostgresReport): number | null {
  return process.kind === 'running' ? process.pid : null;
}

function positionOf({ server }: PostgresReport): { readonly timeline: Timeline; readonly lsn: Lsn } | null {
  if (server.kind === 'primary') return { timeline: server.timeline, lsn: server.flushLsn };
  if (server.kind !== 'standby' || server.timeline === null) return null;
  const lsn = standbyPosition(server);
  return lsn === null ? null : { timeline: server.timeline, lsn };
}
