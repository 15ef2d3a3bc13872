import type { ClusterView } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Revision } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { formatSyncNames } from '../domain/sync-names.ts';
import { later } from '../domain/time.ts';
import { conclude, wait } from './conclude.ts';
import { desiredStandby, namesInForce, withSyncNames } from './desired-postgres.ts';
import { heldLock } from './facts.ts';
import { promotedSync } from './promoted-sync.ts';
import { electorsOf, keyWrite, modeOf } from './sync-pair.ts';
import { RELOAD_PATIENCE, unsettledKey } from './sync-replication.ts';
import { standbysToCome } from './sync-standbys.ts';

/**
 * Before a promotion in a synchronous mode: does the key say who may lead after me, and will PostgreSQL wait for them from
 * its first commit on? `null`: both do, or no mode asks for it.
 */
export function syncPromotion(o: Observation, m: Memory): Decision | null {
  const mode = modeOf(o);
  const view = latestView(o);
  const held = heldLock(o);
  if (view === null || held === null || o.postgres?.server.kind !== 'standby') return null;
  if (mode === null) return view.sync === null ? null : withoutKey(view, held.createRevision);
  const before = electorsOf(view.sync, view);
  const { key, names } = promotedSync({
    mode,
    strict: o.dynamic.synchronousModeStrict,
    me: o.config.name,
    key: before,
    wanted: o.dynamic.synchronousNodeCount,
    expected: standbysToCome(o, view),
  });
  if (key !== null) {
    const write = keyWrite(key, view, held.createRevision);
    const facts = { voters: [...key.voters].toSorted().join(','), quorum: key.quorum };
    return conclude('sync-key-before-promotion', { kind: 'write', write }, facts);
  }
  const text = formatSyncNames(names);
  // As a standby this one has other names than it led with: they changed already.
  const unsettled = unsettledKey(m, view, held.createRevision);
  if (unsettled !== null) return unsettled;
  if (namesInForce(o) !== text) return named(o, m, text);
  const isElector = before !== null && before.voters.size > 0;
  return isElector && o.postgres.server.isCheckpointerBusy === true ? unheeded(o, m, view, text) : null;
}

/**
 * The first commits would wait for nobody, as long as the checkpointer has not read the names. It is waited for, and not
 * for long: then nobody but me is elected.
 */
function unheeded(o: Observation, { sync: { written } }: Memory, view: ClusterView, names: string): Decision | null {
  const lock = heldLock(o);
  if (lock === null) return null;
  const until = written?.text === names ? later(written.at, RELOAD_PATIENCE) : o.now;
  if (o.now < until) return wait('sync-names-before-promotion', 'the checkpointer to read the names', until, { names });
  const write = keyWrite({ leader: o.config.name, voters: new Set(), quorum: 0 }, view, lock.createRevision);
  const why = 'the checkpointer is at work: commits may wait for nobody yet';
  return conclude('sync-key-before-promotion', { kind: 'write', write }, { voters: '', quorum: 0, why });
}

/** The mode is off: nobody is to find a former leader's key when it is on again. */
function withoutKey(view: ClusterView, lock: Revision): Decision {
  const write = keyWrite(null, view, lock);
  return conclude('sync-key-before-promotion', { kind: 'write', write }, { voters: null });
}

function named(o: Observation, m: Memory, text: string): Decision | null {
  if (namesInForce(o) === text) return null;
  const { written } = m.sync;
  const until = written?.text === text ? later(written.at, RELOAD_PATIENCE) : o.now;
  if (o.now < until) return wait('sync-names-before-promotion', 'the names to be in force', until, { names: text });
  const isKnown = m.applied !== null && m.applied.standby !== null;
  const asItRuns = isKnown ? m.applied : desiredStandby(o, null);
  const desired = withSyncNames(asItRuns, text);
  return conclude('sync-names-before-promotion', { kind: 'reconfigure', desired }, { names: text });
}
