import type { Json, JsonObject } from './json.ts';

/** A member's tags as configured or published (spec/ha.md 2.24). */
export type Tags = JsonObject;

/** `on/true/yes/1` and `off/false/no/0` in any case; anything else is no answer. */
export function truth(value: Json | undefined): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : null;
  if (typeof value !== 'string') return null;
  if (/^(on|true|yes|1)$/i.test(value)) return true;
  return /^(off|false|no|0)$/i.test(value) ? false : null;
}

/** May this member ever lead? The boolean decides when it is there, else a priority of zero or less says no. */
export function mayEverLead(tags: Tags): boolean {
  const flag = tags['nofailover'];
  if (flag !== undefined && flag !== null) return !isTruthy(flag);
  const priority = integerOf(tags['failover_priority']);
  return priority === null || priority > 0;
}

/** Among equal positions the higher priority leads; 1 when not given, 0 for one that may never lead. */
export function failoverPriority(tags: Tags): number {
  if (!mayEverLead(tags)) return 0;
  return integerOf(tags['failover_priority']) ?? 1;
}

/** May commits wait for this member? The boolean decides when it is there, else a priority of zero or less says no. */
export function mayBeSynchronous(tags: Tags): boolean {
  return syncPriority(tags) > 0;
}

/** Among standbys the higher priority is chosen; 1 when not given, 0 for one that may never be synchronous. */
export function syncPriority(tags: Tags): number {
  const flag = tags['nosync'];
  const priority = integerOf(tags['sync_priority']);
  if (flag !== undefined && flag !== null) return isTruthy(flag) ? 0 : Math.max(1, priority ?? 1);
  return Math.max(0, priority ?? 1);
}

/** The member named by `replicatefrom`, if any. */
export function replicatesFrom(tags: Tags): string | null {
  const upstream = tags['replicatefrom'];
  return typeof upstream === 'string' && upstream !== '' ? upstream : null;
}

/** `nostream`: this member follows by archive only; it has no upstream and no slot anywhere. */
export function neverStreams(tags: Tags): boolean {
  return truth(tags['nostream']) === true;
}

export function isTruthy(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === '' || value === 0 || value === 0n)
    return false;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return true;
}

function integerOf(value: Json | undefined): number | null {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : null;
}
