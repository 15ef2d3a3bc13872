import { deepEqual } from './deep-equal.ts';
import type { JsonObject } from './json.ts';

/** In what do two values of a member's key differ? `positions`: only in what changes all the time. */
export function publishedDifference(a: JsonObject, b: JsonObject): 'nothing' | 'positions' | 'much' {
  let differs: 'nothing' | 'positions' = 'nothing';
  let shared = 0;
  for (const name in a) {
    const isShared = a[name] === b[name] || Object.hasOwn(b, name);
    if (isShared) shared += 1;
    if (isShared && deepEqual(a[name] ?? null, b[name] ?? null)) continue;
    if (!positionFields.has(name)) return 'much';
    differs = 'positions';
  }
  if (shared === Object.keys(b).length) return differs;
  for (const name in b) {
    if (Object.hasOwn(a, name)) continue;
    if (!positionFields.has(name)) return 'much';
    differs = 'positions';
  }
  return differs;
}

/** A change of them alone can wait for the next loop. */
const positionFields: ReadonlySet<string> = new Set(['xlog_location', 'replay_lsn', 'receive_lsn']);
