import type { Lock, Member } from '../domain/cluster-view.ts';
import { memberOf } from '../domain/cluster-view.ts';
import type { Decision } from '../domain/decision.ts';
import type { LockReport } from '../domain/lease.ts';
import type { Memory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import { latestView, type Observation } from '../domain/observation.ts';
import type { ControlData, DataDirectory, PostgresReport } from '../domain/postgres-report.ts';
import type { RuleId } from './rules.ts';

/** The lock in the latest picture. */
export function lockIn(o: Observation): Lock | null {
  return latestView(o)?.lock ?? null;
}

/** The lock as proven by the heartbeat, its deadline still ahead. */
export function heldLock(o: Observation): Extract<LockReport, { readonly kind: 'held' }> | null {
  const lock = o.lease?.lock;
  if (lock?.kind !== 'held' || lock.deadline <= o.now) return null;
  // The members' word is worth less than what the store shows when it is back.
  const seen = lock.isPromised === true ? lockIn(o) : null;
  return seen === null || seen.holder === o.config.name ? lock : null;
}

/**
 * Who leads, in the eyes of this member: proven ownership is newer than any picture;
 * a lock that was just released is nobody's.
 */
export function leaderName(o: Observation, m: Memory): MemberName | null {
  if (heldLock(o) !== null) return o.config.name;
  const lock = lockIn(o);
  if (lock === null || lock.createRevision === m.released) return null;
  return lock.holder;
}

/** The leader's member key, when somebody else leads. */
export function otherLeader(
  o: Observation,
  m: Memory,
): { readonly name: MemberName; readonly member: Member | null } | null {
  const name = leaderName(o, m);
  const view = latestView(o);
  if (name === null || name === o.config.name || view === null) return null;
  return { name, member: memberOf(view, name) };
}

/** Who else holds the lock, in a picture that is newer than my own lock: mine is lost. `null`: nobody, as far as known. */
export function foreignHolder(o: Observation): MemberName | null {
  const held = heldLock(o);
  const view = latestView(o);
  // What comes after a time without the store counts, whatever its revision: it may have been restored.
  const isNewer = held === null || held.isPromised === true || (view !== null && view.revision > held.createRevision);
  const holder = view?.lock?.holder ?? null;
  return isNewer && holder !== o.config.name ? holder : null;
}

export function presentDirectory(report: PostgresReport): Extract<DataDirectory, { kind: 'present' }> | null {
  return report.dataDirectory.kind === 'present' ? report.dataDirectory : null;
}

export function controlData(o: Observation): ControlData | null {
  return o.postgres === null ? null : (presentDirectory(o.postgres)?.control ?? null);
}

/** Copied or rewound, and never consistent since: it may need WAL that only its source has. */
export function neverWasConsistent({ hasBackupLabel, control }: Extract<DataDirectory, { kind: 'present' }>): boolean {
  return hasBackupLabel || control?.beforeBackupEnd === true;
}

/** It failed a moment ago: whoever asks this first leaves the questions that come later to their answers. */
export function isBackingOff(rule: RuleId | Decision['rule'], { now }: Observation, { backoffs }: Memory): boolean {
  return now < (backoffs.get(rule)?.until ?? now);
}

export function isPrimary(o: Observation): boolean {
  return o.postgres?.server.kind === 'primary';
}

/**
 * Could PostgreSQL here acknowledge a write? A server that cannot be asked (starting, stopping, hung, left over) counts
 * as one that can, unless its data directory says that it is a standby; promotion removes that file.
 */
export function couldWrite(o: Observation, m: Memory): boolean {
  const report = o.postgres;
  if (report === null || report.process.kind === 'none') return false;
  if (report.server.kind === 'primary') return true;
  if (report.server.kind === 'standby') return m.role === 'promoted';
  return presentDirectory(report)?.signal !== 'standby';
}
