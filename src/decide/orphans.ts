import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { run } from './conclude.ts';

/**
 * What must end before anything else? A SIGKILLed postmaster leaves backends that go on committing, and nobody may
 * start, rewind or release while one is left.
 */
export function orphans(o: Observation, m: Memory): Decision | null {
  const process = o.postgres?.process;
  // What a pause leaves alone is somebody's; what the creation of a cluster left behind is nobody's.
  if (process?.kind !== 'orphaned' || (o.dynamic.pause && m.bootstrap.kind === 'none')) return null;
  return run('end-orphans', { kind: 'end-orphans' }, { processes: process.processCount });
}
