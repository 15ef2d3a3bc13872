import { type Lsn, parseLsn } from '../../../domain/lsn.ts';
import { systemId } from '../../../domain/names.ts';
import type { ControlData, ControlState } from '../../../domain/postgres-report.ts';
import { timeline } from '../../../domain/timeline.ts';

const STATES: readonly ControlState[] = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
];

/** Lines of pg_controldata as label and value. */
export function parseLabels(output: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const line of output.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) labels.set(line.slice(0, colon).replace(/^Current /, ''), line.slice(colon + 1).trim());
  }
  return labels;
}

/** @returns `null` when the labels do not describe a cluster: damaged, or of an unknown version. */
export function controlDataOf(labels: ReadonlyMap<string, string>, checkpointEnd: Lsn | null): ControlData | null {
  const state = STATES.find((each) => each === labels.get('Database cluster state'));
  const checkpointLsn = parseLsn(labels.get('Latest checkpoint location') ?? '');
  const checkpointTimeline = timelineOf(labels.get("Latest checkpoint's TimeLineID"));
  if (state === undefined || checkpointLsn === null || checkpointTimeline === null) return null;
  const minRecoveryEnd = parseLsn(labels.get('Minimum recovery ending location') ?? '');
  return {
    systemId: systemId(labels.get('Database system identifier') ?? ''),
    state,
    checkpointLsn,
    checkpointTimeline,
    checkpointEnd,
    minRecoveryEnd: minRecoveryEnd === 0n ? null : minRecoveryEnd,
    minRecoveryTimeline: timelineOf(labels.get("Min recovery ending loc's timeline")),
    canRewind: labels.get('wal_log_hints setting') === 'on' || hasChecksums(labels),
  };
}

/**
 * Where the record after the shutdown checkpoint would go, from pg_waldump asked for two records: exactly one is there,
 * and the complaint about the next one says where it looked. Anything else is no clean end.
 */
export function checkpointEndOf(
  dump: { readonly stdout: string; readonly stderr: string },
  checkpoint: Lsn,
): Lsn | null {
  const records = dump.stdout.split('\n').filter((line) => line !== '');
  const complaints = dump.stderr.split('\n').filter((line) => line !== '');
  const match = /error in WAL record at ([0-9A-F/]+): invalid record length at ([0-9A-F/]+):/.exec(complaints[0] ?? '');
  if (records.length !== 1 || complaints.length !== 1 || match?.[1] === undefined || match[2] === undefined)
    return null;
  return parseLsn(match[1]) === checkpoint ? parseLsn(match[2]) : null;
}

function timelineOf(text: string | undefined): ReturnType<typeof timeline> {
  return text !== undefined && /^\d+$/.test(text) ? timeline(Number(text)) : null;
}

function hasChecksums(labels: ReadonlyMap<string, string>): boolean {
  const version = labels.get('Data page checksum version');
  return version !== undefined && version !== '0';
}
