import type { DesiredPostgres } from '../domain/desired-postgres.ts';
import type { Memory, SyncMemory } from '../domain/memory.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { between, later, millis } from '../domain/time.ts';
import { SYNC_NAMES } from './desired-postgres.ts';

/** Every process of PostgreSQL has read a reloaded configuration by then, but perhaps the checkpointer. */
export const RELOADED_AFTER = millis(100);

export const noSyncMemory: SyncMemory = {
  inForce: null,
  written: null,
  reattachUntil: null,
  unprotectedSince: null,
  unprotectedFor: null,
  keySettled: null,
  lastKey: null,
  lastKeyUnder: null,
};

/** A look at PostgreSQL: which names are in force, since when, and what everybody has to have by them. */
export function rememberNames(m: Memory, o: Observation): SyncMemory {
  const { sync } = m;
  const { written, keySettled, lastKey, lastKeyUnder } = sync;
  const server = o.postgres?.server;
  if (o.dynamic.synchronousMode === 'off' || server?.kind !== 'primary') {
    const isNew = sync.inForce !== null || sync.reattachUntil !== null || sync.unprotectedSince !== null;
    return isNew ? { ...noSyncMemory, written, keySettled, lastKey, lastKeyUnder } : sync;
  }
  const text = server.syncNames ?? '';
  const next: SyncMemory = {
    ...sync,
    inForce: inForce(sync, o, text),
    reattachUntil: reattachUntil(m, o),
    unprotectedSince: text === '' ? (sync.unprotectedSince ?? o.now) : null,
    unprotectedFor: unprotectedFor(sync, o, text),
  };
  return isSame(sync, next) ? sync : next;
}

function isSame(before: SyncMemory, now: SyncMemory): boolean {
  return (
    before.inForce === now.inForce &&
    before.reattachUntil === now.reattachUntil &&
    before.unprotectedSince === now.unprotectedSince &&
    before.unprotectedFor === now.unprotectedFor
  );
}

/**
 * The names are in the files now, and come into force. Where they are none, commits wait for nobody from then on, though no
 * look may see it before there are names again.
 */
export function namesAreWritten(sync: SyncMemory, { now }: Observation, { parameters }: DesiredPostgres): SyncMemory {
  const text = parameters[SYNC_NAMES];
  if (text === undefined) return sync;
  const isEmptied = text === '' && sync.inForce !== null;
  const inForce = isEmptied ? { ...sync.inForce, mark: null, isHeeded: false } : sync.inForce;
  return { ...sync, inForce, written: { text, at: now } };
}

function inForce({ inForce: known, written }: SyncMemory, o: Observation, text: string): SyncMemory['inForce'] {
  if (known?.text !== text) {
    const isHeeded = known !== null && known.text !== '' && known.isHeeded;
    return { text, since: o.now, mark: null, isHeeded };
  }
  const server = o.postgres?.server;
  if (known.mark !== null || server?.kind !== 'primary' || between(known.since, o.now) < RELOADED_AFTER) return known;
  // Until the checkpointer has read the first names, commits wait for nobody; nor once they are taken away.
  const isLeaving = written?.text === '' && known.since <= written.at;
  const isUnheeded = !known.isHeeded && text !== '';
  if (isUnheeded && (server.isCheckpointerBusy === true || isLeaving)) return known;
  return { ...known, mark: server.flushLsn, isHeeded: true };
}

/** An agent that finds a running primary has not seen it begin: nobody is waited for on its account. */
function reattachUntil({ role, sync }: Memory, o: Observation): SyncMemory['reattachUntil'] {
  if (sync.inForce !== null) return sync.reattachUntil;
  return role === 'unknown' ? null : later(o.now, o.dynamic.syncReattachTimeout);
}

/** Known once commits wait for somebody again. */
function unprotectedFor(sync: SyncMemory, o: Observation, text: string): SyncMemory['unprotectedFor'] {
  const isOver = text !== '' && sync.unprotectedSince !== null;
  return isOver ? between(sync.unprotectedSince, o.now) : sync.unprotectedFor;
}

/**
 * A picture of the store: the key binds for as long as the mode is on, also when somebody deletes it. Where pictures were
 * missed, and the configuration was changed, the mode may have been off in between.
 */
export function rememberKey({ sync }: Memory, o: Observation, gapless: boolean): SyncMemory {
  const view = latestView(o);
  const config = view === null || view.config.kind === 'absent' ? null : view.config.modRevision;
  const before = gapless || config === sync.lastKeyUnder ? sync.lastKey : null;
  const key = o.dynamic.synchronousMode === 'off' ? null : (view?.sync ?? before);
  const lastKeyUnder = key === null ? null : config;
  return key === sync.lastKey && lastKeyUnder === sync.lastKeyUnder ? sync : { ...sync, lastKey: key, lastKeyUnder };
}
