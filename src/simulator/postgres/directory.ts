import type { SystemId } from '../../domain/names.ts';
import type { ControlData, ControlState, DataDirectory } from '../../domain/postgres-report.ts';
import { branchAt, commonPosition, lastCheckpoint, type WalBranch, walPosition } from './wal-branch.ts';
import { stillHas } from './wal-retention.ts';

/** What lies on a node's disk. `remains`: files without a control file, left by a copy that was interrupted. */
export type Directory =
  | { readonly kind: 'empty' }
  | { readonly kind: 'remains' }
  | ({ readonly kind: 'cluster' } & ClusterFiles);

export type ClusterFiles = {
  readonly systemId: SystemId;
  readonly branch: WalBranch;
  /** End of the flushed WAL. */
  readonly position: number;
  readonly state: ControlState;
  /** WAL from before this is removed. */
  readonly walFrom: number;
  readonly checkpoint: { readonly at: number; readonly end: number; readonly branch: WalBranch };
  /** A standby is not consistent, and accepts nobody, before it has replayed this far. */
  readonly minRecoveryEnd: number | null;
  readonly signal: 'standby' | 'none';
  readonly hasBackupLabel: boolean;
  /** What the label said is in the control file, from the first recovery on until it is consistent. */
  readonly beforeBackupEnd: boolean;
  /** No server starts from this any more. */
  readonly damaged: boolean;
  /** pg_rewind began here and did not end well, as the mark beside the directory says. */
  readonly isHalfRewound: boolean;
  /** The task that creates this cluster has not ended, as the mark beside the directory says: it never was a cluster. */
  readonly isUnfinished: boolean;
};

/** Length of a checkpoint record: small, and not nothing. */
const CHECKPOINT_BYTES = 120;
/** The first record of a new timeline. Whoever has less than that has nothing of it. */
export const END_OF_RECOVERY_BYTES = 48;

export function freshCluster(systemId: SystemId, branch: WalBranch): Directory {
  const position = FIRST_POSITION;
  return {
    kind: 'cluster',
    systemId,
    branch,
    position,
    walFrom: position,
    state: 'in production',
    checkpoint: { at: position - CHECKPOINT_BYTES, end: position, branch },
    minRecoveryEnd: null,
    signal: 'none',
    hasBackupLabel: false,
    beforeBackupEnd: false,
    damaged: false,
    isHalfRewound: false,
    isUnfinished: true,
  };
}

/** What pg_basebackup leaves: the source's files, its control file too, with all WAL up to the end of the backup. */
export function copyOf(source: ClusterFiles): Directory {
  return {
    ...source,
    kind: 'cluster',
    walFrom: source.checkpoint.at,
    minRecoveryEnd: source.position,
    signal: 'standby',
    hasBackupLabel: true,
    beforeBackupEnd: false,
    isUnfinished: false,
  };
}

/**
 * What pg_rewind leaves: the source's files, and its WAL, as far as that reached when the copying began. Recovery goes
 * back to before where the two histories part: without that WAL no server starts from it.
 */
export function rewound(local: ClusterFiles, source: ClusterFiles, copiedUpTo: number): Directory {
  return {
    ...source,
    kind: 'cluster',
    position: copiedUpTo,
    state: 'in archive recovery',
    damaged: !stillHas(source.walFrom, commonPosition(local, source)),
    isHalfRewound: false,
    minRecoveryEnd: source.position,
    signal: 'standby',
    hasBackupLabel: true,
    beforeBackupEnd: false,
  };
}

/** A primary's checkpoint: one more record at the end of its WAL. */
export function checkpointed(files: ClusterFiles): Pick<ClusterFiles, 'position' | 'checkpoint' | 'minRecoveryEnd'> {
  const { branch, position: at } = files;
  const end = at + CHECKPOINT_BYTES;
  branch.checkpoints.push({ at, end });
  return { position: end, checkpoint: { at, end, branch }, minRecoveryEnd: null };
}

/** A standby's: at the last record of that kind that it has replayed. */
export function restartpoint(files: ClusterFiles, replayed: number): ClusterFiles['checkpoint'] {
  const last = lastCheckpoint({ branch: files.branch, position: replayed });
  return last === null || last.at <= files.checkpoint.at ? files.checkpoint : last;
}

/** A fast stop in the middle of crash recovery looks like that of a standby, which would say how far it has replayed. */
export function stoppedInCrashRecovery({ state, minRecoveryEnd }: ClusterFiles): boolean {
  return state === 'shut down in recovery' && minRecoveryEnd === null;
}

/** The next start has nothing to recover. */
export function isCleanlyStopped(files: ClusterFiles): boolean {
  return files.state === 'shut down' || (files.state === 'shut down in recovery' && !stoppedInCrashRecovery(files));
}

/** What a task has left that was killed while it created or copied a cluster, or would leave if it were. */
export function isRemains(directory: Directory): boolean {
  return directory.kind === 'cluster' ? directory.isUnfinished : directory.kind === 'remains';
}

/** After a clean stop as primary, or a single-user recovery. */
export function shutDown(files: ClusterFiles): ClusterFiles {
  return { ...files, ...checkpointed(files), state: 'shut down' };
}

export function describeDirectory(directory: Directory): DataDirectory {
  // What an unfinished bootstrap or copy left bears a mark, and counts as empty.
  if (isRemains(directory)) return { kind: 'empty', unfinished: true };
  if (directory.kind !== 'cluster') return { kind: 'empty' };
  const { signal, hasBackupLabel, isHalfRewound } = directory;
  return {
    kind: 'present',
    majorVersion: MAJOR_VERSION,
    control: controlOf(directory),
    signal,
    hasBackupLabel,
    ...(isHalfRewound && { isHalfRewound }),
  };
}

function controlOf(files: ClusterFiles): ControlData {
  return {
    systemId: files.systemId,
    state: files.state,
    checkpointLsn: walPosition(files.checkpoint.at),
    checkpointTimeline: files.checkpoint.branch.timeline,
    checkpointEnd: isUnreadable(files.checkpoint.at) ? null : walPosition(files.checkpoint.end),
    minRecoveryEnd: files.minRecoveryEnd === null ? null : walPosition(files.minRecoveryEnd),
    minRecoveryTimeline: files.minRecoveryEnd === null ? null : branchAt(files.branch, files.minRecoveryEnd).timeline,
    ...(files.beforeBackupEnd && { beforeBackupEnd: true }),
    canRewind: true,
  };
}

/** Now and then pg_waldump cannot tell where a record ends. */
function isUnreadable(position: number): boolean {
  return Math.floor(position) % 8 === 1;
}

const FIRST_POSITION = 0x0150_0000;
const MAJOR_VERSION = 15;
