import { deepEqual } from './deep-equal.ts';
import type { JsonObject } from './json.ts';

/** In what do two values of a member's key differ? `positions`: only in what changes all the time. */
export function publishedDifference(a: JsonObject, b: JsonObject): 'nothing' | 'positions' | 'much' {
  let differs: 'nothing' | 'positions' = 'nothing';
  for (const name in a) {
    if (a[name] === b[name] || (Object.hasOwn(b, name) && deepEqual(a[name] ?? null, b[name] ?? null))) continue;
    if (!positionFields.has(name)) return 'much';
    differs = 'positions';
  }
  for (const name in b) {
    if (Object.hasOwn(a, name)) continue;
    if (!positionFields.has(name)) return 'much';
    differs = 'positions';
  }
  return differs;
}

/** A change of them alone can wait for the next loop. */
const positionFields: ReadonlySet<string> = new Set(['xlog_location', 'replay_lsn', 'receive_lsn']);
