import { storeKey } from '../domain/names.ts';
import type { Watch } from './watch-world.ts';
import { followsRemote } from './world/remote-primary.ts';
import { isElectionLeftToAPerson, syncIsWhole } from './world/sync-health.ts';
import type { World } from './world/world.ts';

/**
 * The faults are over: wait until the cluster is well and stays so for a moment, or report that it is not within its
 * bound. @returns how long it took, in virtual milliseconds.
 */
export function awaitRecovery(world: World, watch: Watch): number {
  const { kernel } = world;
  const began = kernel.now;
  const bound = began + RECOVERY_BOUND_MS + RECOVERY_LEASES * LONGEST_TTL_MS;
  let wellSince: number | null = null;
  while (kernel.now < bound && watch.violation() === null) {
    kernel.run(kernel.now + SAMPLE_MS);
    wellSince = isWell(world) ? (wellSince ?? kernel.now) : null;
    if (wellSince !== null && kernel.now - wellSince >= STAYS_WELL_MS) return wellSince - began;
  }
  const state = world.nodes.map((node) => {
    const { postgres } = node;
    return `${node.place} ${postgres.server.kind} (${postgres.directory.kind}, timeline ${postgres.branch?.timeline ?? '-'})`;
  });
  const sync = world.store.keys.get(storeKey('sync'))?.value ?? 'none';
  const message = `${(bound - began) / 1000} s after the faults: lock ${world.lockHolder() ?? 'free'}; ${state.join(', ')}; sync key ${sync}`;
  watch.report({ checker: 'recovers-after-faults', at: kernel.now, message });
  return bound - began;
}

function isWell(world: World): boolean {
  if (isElectionLeftToAPerson(world)) return true;
  return world.isHealthy() && (followsRemote(world) || syncIsWhole(world));
}

const SAMPLE_MS = 100;
const STAYS_WELL_MS = 3000;
const RECOVERY_BOUND_MS = 120_000;
const RECOVERY_LEASES = 4;
/** An operator may have set any in the meantime. */
const LONGEST_TTL_MS = 30_000;
