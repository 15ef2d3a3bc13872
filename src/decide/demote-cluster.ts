import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { run } from './conclude.ts';
import { couldWrite, heldLock } from './facts.ts';

/**
 * A standby cluster, and PostgreSQL here can write: somebody has just made the cluster follow another one, or promoted
 * by hand. It is stopped in good order, so that the other cluster gets all of it, and its last WAL goes to the archive
 * (spec/ha.md W-c, D3, D14). The lock stays: once it runs again, as a standby, the others follow it as before.
 */
export function demoteCluster(o: Observation, m: Memory): Decision | null {
  if (!isStandbyCluster(o.dynamic) || !couldWrite(o, m)) return null;
  return run(
    'demote-cluster',
    {
      kind: 'stop',
      mode: 'fast',
      checkpointFirst: o.postgres?.server.kind === 'primary',
      timeout: o.dynamic.primaryStopTimeout,
      archiveLast: heldLock(o) !== null,
    },
    { server: o.postgres?.server.kind ?? null },
  );
}
