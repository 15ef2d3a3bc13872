import type { ClusterView } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import { derivedTogether } from '../domain/derived.ts';
import { invariant } from '../domain/invariant.ts';
import type { Memory, SyncMemory } from '../domain/memory.ts';
import type { Revision } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { formatSyncNames } from '../domain/sync-names.ts';
import { later, millis } from '../domain/time.ts';
import { conclude, type Facts } from './conclude.ts';
import { namesInForce, primaryAsItRuns, withSyncNames } from './desired-postgres.ts';
import { heldLock, isPrimary } from './facts.ts';
import { RELOADED_AFTER } from './remember-sync.ts';
import { type Electors, mayReplaceKey } from './sync-overlap.ts';
import { electorsOf, isKeyInDoubt, keyWrite, modeOf, namesOf } from './sync-pair.ts';
import { activeStandbys, flushedBy, type Here, standbysToCome } from './sync-standbys.ts';
import { holdersOf, nextSyncStep, type SyncSituation, type SyncStep } from './sync-step.ts';

/** A reload that was not seen to have come into force by then is asked for again. */
export const RELOAD_PATIENCE = millis(1_000);

/**
 * I lead in a synchronous mode: which of the two, the key or `synchronous_standby_names`, has to change next? One write
 * at a time, each decided on what is in force after the one before; nothing of it keeps the primary from leading.
 */
export function syncReplication(o: Observation, m: Memory): Decision | null {
  const view = viewUnderMyLock(o);
  const lock = heldLock(o);
  if (view === null || lock === null || isReloading(o, m)) return null;
  const { step } = standing(o, m, view);
  if (step?.kind === 'key') {
    const late = lateReload(o, m);
    if (late !== null) return late;
    if (m.sync.written !== null && o.now < later(m.sync.written.at, RELOADED_AFTER)) return null;
    const write = keyWrite(step.key, view, lock.createRevision);
    return conclude('sync-key', { kind: 'write', write }, { ...told(step.key), why: step.why, ...spans(o, m) });
  }
  if (step?.kind === 'names') {
    const unsettled = unsettledKey(m, view, lock.createRevision);
    if (unsettled !== null) return unsettled;
    const names = formatSyncNames(step.names);
    const desired = withSyncNames(primaryAsItRuns(o, m), names);
    return conclude('sync-names', { kind: 'reconfigure', desired }, { names, why: step.why });
  }
  return null;
}

/** Is something missing that may come at any moment? PostgreSQL is then looked at more often. */
export function syncIsUnderWay(o: Observation, m: Memory): 'no' | 'soon' | 'perhaps' {
  const view = modeOf(o) === null ? null : viewUnderMyLock(o);
  if (view === null) return 'no';
  if (isReloading(o, m)) return 'soon';
  const { step, isMissingSomebody } = standing(o, m, view);
  if (step === null || step.kind === 'complete') return isMissingSomebody ? 'perhaps' : 'no';
  const isWaitedFor = m.sync.inForce?.mark === null || isReattaching(o, m);
  return step.kind !== 'wait' || isWaitedFor ? 'soon' : 'perhaps';
}

/**
 * A write of the key that was not answered, or one of this agent's life before, may still come, and would find the key as
 * it saw it. Before the names change the key is written once more as it is: what comes late then comes too late.
 */
export function unsettledKey(m: Memory, view: ClusterView, lock: Revision): Decision | null {
  const key = electorsOf(view.sync, view);
  if (key === null || !isKeyInDoubt(m, view)) return null;
  const write = keyWrite(key, view, lock);
  return conclude('sync-key', { kind: 'write', write }, { ...told(key), why: 'no earlier write of it may come late' });
}

/** A picture that shows the key as nobody but me can change it any more. */
function viewUnderMyLock(o: Observation): ClusterView | null {
  const view = latestView(o);
  const held = heldLock(o);
  const isMine = held !== null && view?.lock?.createRevision === held.createRevision;
  return isMine && o.store.kind === 'settled' && isPrimary(o) && o.postgresIsCurrent && modeOf(o) !== null
    ? view
    : null;
}

function isReloading({ now, postgres }: Observation, { sync }: Memory): boolean {
  const inForce = postgres?.server.kind === 'primary' ? (postgres.server.syncNames ?? '') : null;
  return sync.written !== null && sync.written.text !== inForce && now < later(sync.written.at, RELOAD_PATIENCE);
}

/**
 * Names that did not come into force in time may do so yet, under a key that was not made for them. A reload reads the
 * file as it is then, so what is in force is written into it before the key changes, and every process gets the time to
 * read that.
 */
function lateReload(o: Observation, m: Memory): Decision | null {
  const { inForce, written } = m.sync;
  if (inForce === null || written === null || written.text === inForce.text) return null;
  const desired = withSyncNames(primaryAsItRuns(o, m), inForce.text);
  const why = 'what was written last has not come into force';
  return conclude('sync-names', { kind: 'reconfigure', desired }, { names: inForce.text, why });
}

function isReattaching({ now }: Observation, { sync }: Memory): boolean {
  return sync.reattachUntil !== null && now < sync.reattachUntil;
}

/** What comes next, and does anybody who might stream not do so yet? */
type Standing = { readonly step: SyncStep | null; readonly isMissingSomebody: boolean };

function standing(o: Observation, m: Memory, view: ClusterView): Standing {
  return standingFrom(m.sync, view, o.postgres, o.dynamic, o.config, isReattaching(o, m));
}

/** Asked for with every step, and mostly of the same picture and the same look. */
const standingFrom = derivedTogether(
  (
    { inForce }: SyncMemory,
    view: ClusterView,
    postgres: Observation['postgres'],
    dynamic: Observation['dynamic'],
    config: Observation['config'],
    reattaching: boolean,
  ): Standing => {
    const here = { postgres, dynamic, config };
    const active: readonly string[] = activeStandbys(here, view).map((each) => each.member.name);
    const toCome = standbysToCome(here, view);
    const expected = reattaching ? toCome.filter((each) => !active.includes(each)) : [];
    const step = syncStep(situationOf(here, view, { inForce, active, expected }));
    return { step, isMissingSomebody: active.length < toCome.length };
  },
);

function syncStep(situation: SyncSituation | null): SyncStep | null {
  if (situation === null) return null;
  const step = nextSyncStep(situation);
  if (step.kind !== 'key') return step;
  const { key: before, names, proven, me } = situation;
  const isSafe = mayReplaceKey(step.key, { before, names: holdersOf(names), proven, me });
  invariant(isSafe, 'a sync key elects nobody without what was acknowledged');
  return step;
}

function situationOf(
  o: Here,
  view: ClusterView,
  {
    inForce,
    active,
    expected,
  }: Pick<SyncSituation, 'active' | 'expected'> & { readonly inForce: SyncMemory['inForce'] },
): SyncSituation | null {
  const mode = modeOf(o);
  if (mode === null || inForce === null || inForce.text !== namesInForce(o)) return null;
  const mark = inForce.mark;
  const proven = view.members.filter((each) => mark !== null && (flushedBy(o, each) ?? -1n) >= mark);
  return {
    mode,
    strict: o.dynamic.synchronousModeStrict,
    me: o.config.name,
    key: electorsOf(view.sync, view),
    names: namesOf(inForce, view),
    settled: mark !== null,
    proven: new Set(proven.map((each) => each.name)),
    active,
    expected,
    wanted: o.dynamic.synchronousNodeCount,
  };
}

function told({ voters, quorum }: Electors): Facts {
  return { voters: [...voters].toSorted().join(','), quorum };
}

/** For how long commits waited for nobody: told by the write that ends it. */
function spans({ now }: Observation, { sync }: Memory): Facts {
  const open = sync.unprotectedSince === null ? null : now - sync.unprotectedSince;
  return { unprotectedMs: open ?? sync.unprotectedFor };
}
