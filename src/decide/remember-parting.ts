import type { HistoryLine } from '../domain/cluster-view.ts';
import type { Divergence, Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import { type DataDirectory, isOnOldWal } from '../domain/postgres-report.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { heldLock, isPrimary } from './facts.ts';
import { beganElsewhere } from './published-history.ts';

/**
 * The last leader that what lies here was found to have parted from. What was found out about a leader is void when the lock
 * changes hands; this holds until it fits a later one, or leads itself, or is replaced (`remember-task.ts`).
 */
export function withParting(m: Memory, o: Observation): Memory {
  const ledOn = lastLedOn(m, o);
  const parted = heldLock(o) !== null && isPrimary(o) ? null : parting({ ...m, ledOn }, o);
  return isSame(parted, m.parted) && ledOn === m.ledOn ? m : { ...m, parted, ledOn };
}

/** What I wrote is no branch of its own any more once it is known to belong to another's history. */
function lastLedOn({ divergence, ledOn }: Memory, { postgres }: Observation): Memory['ledOn'] {
  const server = postgres?.server;
  if (server?.kind === 'primary') return server.timeline;
  if (isOfItsHistory(divergence)) return null;
  const isAlone = server?.kind === 'standby' && server.walReceiver === null;
  return ledOn === 'newest' && isAlone && !isOnOldWal(server) ? (server.timeline ?? ledOn) : ledOn;
}

/** That it lacks WAL may be all that is known of it. */
function isOfItsHistory(divergence: Divergence): boolean {
  return divergence.kind === 'fits' || (divergence.kind === 'starved' && divergence.isUncompared !== true);
}

/** No backup, and no standby's: what lies here ends with what a primary wrote here. */
export function wasPrimarys(directory: DataDirectory): boolean {
  if (directory.kind !== 'present' || directory.signal !== 'none' || directory.hasBackupLabel) return false;
  const state = directory.control?.state;
  return state !== undefined && state !== 'in archive recovery' && state !== 'shut down in recovery';
}

function parting(m: Memory, o: Observation): Memory['parted'] {
  const { divergence, parted } = m;
  switch (divergence.kind) {
    case 'fits':
      return null;
    case 'starved':
      return isOfItsHistory(divergence) ? null : parted;
    case 'diverged':
      return { from: divergence.leader, timeline: divergence.leaderTimeline };
    case 'rewind-failed':
      // A copy that does not start may fit nobody, and everybody.
      return divergence.doesNotStart === true ? parted : { from: divergence.leader, timeline: null };
    case 'unchecked':
      return parted ?? twinOf(m, o);
  }
}

/**
 * Nobody could be asked, and the `history` key tells enough: the timeline of this number that the cluster went on with was
 * begun by somebody else, or elsewhere, than the one that lies here.
 */
function twinOf(m: Memory, o: Observation): Memory['parted'] {
  const line = howOthersBeganMine(o);
  const server = o.postgres?.server;
  if (line === null || server?.kind !== 'standby') return null;
  const isTwin = m.ledOn === server.timeline || beganElsewhere(o, line);
  return isTwin ? { from: line.leader, timeline: server.timeline } : null;
}

/** An earlier agent's primary wrote what is still replayed here, and that may come to a twin of somebody's timeline. */
export function maybeTwinOf(m: Memory, o: Observation): MemberName | null {
  return m.ledOn === 'newest' ? (howOthersBeganMine(o)?.leader ?? null) : null;
}

/** How, by the `history` key, another member began the timeline whose number this standby is on. */
function howOthersBeganMine(o: Observation): (HistoryLine & { readonly leader: MemberName }) | null {
  const server = o.postgres?.server;
  const history = latestView(o)?.history;
  if (server?.kind !== 'standby' || server.timeline === null || history?.kind !== 'lines') return null;
  // The history is this cluster's own; its timeline is the other cluster's (spec/ha.md Y1).
  if (heldLock(o) !== null || isStandbyCluster(o.dynamic)) return null;
  const line = history.lines.at(-1);
  if (line?.timeline !== server.timeline - 1 || line.leader === null || line.leader === o.config.name) return null;
  return { ...line, leader: line.leader };
}

function isSame(a: Memory['parted'], b: Memory['parted']): boolean {
  return a === b || (a !== null && b !== null && a.from === b.from && a.timeline === b.timeline);
}
