import type { ControlState } from '../../domain/postgres-report.ts';
import { type ClusterFiles, isCleanlyStopped } from './directory.ts';

/** `starting`: rejects connections, for how long depends on recovery and, for a standby, on reaching consistency. */
export type Server =
  | { readonly kind: 'down' }
  | { readonly kind: 'orphaned'; readonly processCount: number }
  | ({ readonly kind: 'starting' | 'primary' | 'standby' } & Postmaster)
  | ({ readonly kind: 'stopping'; readonly was: 'primary' | 'standby' } & Postmaster);

export type Postmaster = { readonly pid: number; readonly startedAt: number };

/**
 * What the control file says once recovery has begun. A standby begins as in a crash only where a primary was killed:
 * no label says where a backup began, and nothing how far an earlier recovery came.
 */
export function stateWhileStarting(files: ClusterFiles, asStandby: boolean): ControlState {
  const clean = isCleanlyStopped(files);
  if (!asStandby) return clean ? files.state : 'in crash recovery';
  const wasKilledPrimary = !clean && !files.hasBackupLabel && files.minRecoveryEnd === null;
  return wasKilledPrimary ? 'in crash recovery' : 'in archive recovery';
}
