import type { Divergence } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import type { Instant } from '../domain/time.ts';
import { controlData } from './facts.ts';

/** Can anything be done about what has parted from whom it is to follow, or lacks WAL of it, but by a person? */
export function isRemediable(o: Observation, divergence: Divergence): boolean {
  if (mayCopyAnew(o, divergence) || isRewoundAgain(o, divergence)) return true;
  return divergence.kind === 'diverged' && canRewind(o);
}

/** Has what lies here parted from whom it is to follow, and stays so, until a person or the end of a pause changes that? */
export function staysParted(o: Observation, divergence: Divergence): boolean {
  const isParted = divergence.kind === 'diverged' || divergence.kind === 'rewind-failed';
  return isParted && (o.dynamic.pause || !isRemediable(o, divergence));
}

/** Is it allowed to remove what lies here for a new copy? Of a cluster that follows another one not only since it diverged. */
export function mayCopyAnew({ dynamic, effective }: Observation, { kind }: Divergence): boolean {
  const { removeDataOnDivergedTimelines, removeDataOnRewindFailure } = effective;
  if (kind === 'rewind-failed' && removeDataOnRewindFailure) return true;
  return removeDataOnDivergedTimelines && !(isStandbyCluster(dynamic) && kind === 'diverged');
}

/**
 * When is pg_rewind tried once more that has failed, though not by what it compared? `null`: never, or what lies here may
 * be removed for a copy.
 */
export function rewoundAgainAt(o: Observation, divergence: Divergence): Instant | null {
  if (divergence.kind !== 'rewind-failed' || mayCopyAnew(o, divergence) || !canRewind(o)) return null;
  return divergence.again ?? null;
}

export function isRewoundAgain(o: Observation, divergence: Divergence): boolean {
  const at = rewoundAgainAt(o, divergence);
  return at !== null && at <= o.now;
}

export function canRewind(o: Observation): boolean {
  return o.effective.usePgRewind && controlData(o)?.canRewind === true;
}
