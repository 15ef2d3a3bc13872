import type { Divergence } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { controlData } from './facts.ts';

/** Can anything be done about what has parted from whom it is to follow, or lacks WAL of it, but by a person? */
export function isRemediable(o: Observation, divergence: Divergence): boolean {
  return mayCopyAnew(o, divergence) || (divergence.kind === 'diverged' && canRewind(o));
}

/** Is it allowed to remove what lies here for a new copy? Of a cluster that follows another one not only since it diverged. */
export function mayCopyAnew({ dynamic, effective }: Observation, { kind }: Divergence): boolean {
  const { removeDataOnDivergedTimelines, removeDataOnRewindFailure } = effective;
  if (kind === 'rewind-failed' && removeDataOnRewindFailure) return true;
  return removeDataOnDivergedTimelines && !(isStandbyCluster(dynamic) && kind === 'diverged');
}

export function canRewind(o: Observation): boolean {
  return o.effective.usePgRewind && controlData(o)?.canRewind === true;
}
