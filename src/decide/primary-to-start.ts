import type { DesiredPostgres } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { formatSyncNames } from '../domain/sync-names.ts';
import { desiredPrimary, namesWritten, withSyncNames } from './desired-postgres.ts';
import { latestView } from './facts.ts';
import { promotedSync } from './promoted-sync.ts';
import { electorsOf, isKeyInDoubt, modeOf } from './sync-pair.ts';
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
  const asBefore = namesWritten(m) ?? '';
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
