import type { Instance } from '../instance.ts';

/** Why the data directory must not be touched now: somebody runs in it. `null`: nobody does. */
export function whyOccupied(instance: Instance): string | null {
  const process = instance.process.report();
  switch (process.kind) {
    case 'none':
      return null;
    case 'running':
      return `postmaster ${process.pid} runs in the data directory`;
    case 'orphaned':
      return `${process.processCount} processes of a dead postmaster still run in the data directory`;
  }
}
