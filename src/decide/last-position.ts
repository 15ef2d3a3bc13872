import type { Lsn } from '../domain/lsn.ts';
import type { Memory } from '../domain/memory.ts';
import type { Revision } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import { controlData } from './facts.ts';

/**
 * The shutdown checkpoint of a cleanly stopped primary: what the next leader must have. A disk that does not answer now
 * may have told it when PostgreSQL went down, and nothing has run since.
 */
export function lastPosition(o: Observation, m: Memory): Lsn | null {
  const control = controlData(o);
  if (control === null) return isUnread(o) ? m.shutDownAt : null;
  return control.state === 'shut down' ? control.checkpointLsn : null;
}

/**
 * What belongs to the lock under which I wrote it, however that is given up: a switchover may steer the race for it that
 * did not lead to the stop. Nobody knows whether what was written under another lock lies on the cluster's timeline.
 */
export function lastPositionUnder(lock: Revision, o: Observation, m: Memory): Lsn | null {
  return m.reign === lock ? lastPosition(o, m) : null;
}

/** What to remember of it after a look. */
export function rememberShutDown(m: Memory, o: Observation): Lsn | null {
  return o.postgres?.process.kind === 'none' && o.task === null ? lastPosition(o, m) : null;
}

/** PostgreSQL is down, and its control file cannot be read at the moment. An empty directory has none. */
export function isUnread(o: Observation): boolean {
  return o.postgres?.process.kind === 'none' && o.postgres.dataDirectory.kind !== 'empty' && controlData(o) === null;
}
