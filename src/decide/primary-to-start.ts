import type { Decision } from '../domain/decision.ts';
import type { DesiredPostgres } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { formatSyncNames } from '../domain/sync-names.ts';
import { desiredPrimary, namesInForce, namesWritten, withSyncNames } from './desired-postgres.ts';
import { heldLock } from './facts.ts';
import { promotedSync } from './promoted-sync.ts';
import { electorsOf, isKeyInDoubt, modeOf } from './sync-pair.ts';
import { unsettledKey } from './sync-replication.ts';
import { standbysToCome } from './sync-standbys.ts';

/**
 * What the files should say where PostgreSQL is started as a primary again. In a synchronous mode commits wait from the
 * first one on, for as many of those in the key as its quorum was made for. While a write of the key may come yet, they
 * wait for whom they waited before: that fits the key as it was, and as it may become.
 */
export function primaryToStart(o: Observation, m: Memory): DesiredPostgres {
  const desired = desiredPrimary(o);
  const mode = modeOf(o);
  const view = latestView(o);
  if (view === null || (mode === null && view.sync === null)) return desired;
  const asBefore = knownNames(o, m) ?? '';
  if (isKeyInDoubt(m, view) && asBefore !== '') return withSyncNames(desired, asBefore);
  const { synchronousModeStrict: strict, synchronousNodeCount: wanted } = o.dynamic;
  const { names } = promotedSync({
    // The number is that of the key, also where the mode was just set to another.
    mode: view.sync === null && mode !== null ? mode : 'quorum',
    strict,
    me: o.config.name,
    key: electorsOf(view.sync, view),
    wanted,
    expected: standbysToCome(o, view),
  });
  return withSyncNames(desired, formatSyncNames(names));
}

/**
 * PostgreSQL is down, or does not answer, and for whom it waited is not known: the agent was started itself. A write of the
 * key of its life before may come yet, and fit other names than those that go by the key as it is: it is made too late first.
 */
export function keyToSettle(o: Observation, m: Memory): Decision | null {
  const view = latestView(o);
  const held = heldLock(o);
  if (view === null || held === null || modeOf(o) === null || knownNames(o, m) !== null) return null;
  return unsettledKey(m, view, held.createRevision);
}

/** For whom its commits wait, or waited. */
function knownNames(o: Observation, m: Memory): string | null {
  return namesWritten(m) ?? (o.postgres?.server.kind === 'primary' ? namesInForce(o) : null);
}
