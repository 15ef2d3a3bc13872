import { storeKey } from '../../domain/names.ts';
import type { Checker } from './checker.ts';

/** The lock changes hands only through absence: nobody overwrites another's (spec/ha.md S1). */
export function oneHolder(): Checker {
  return {
    name: 'one-holder',
    hears: ['stored'],
    see: (fact) => {
      if (fact.kind !== 'stored' || fact.key !== LEADER) return null;
      const { previous, value, by } = fact;
      if (value !== null && by !== null && value !== by) return `${by} wrote the lock in the name of ${value}`;
      if (value !== null && previous !== null && value !== previous) return `${value} took the lock from ${previous}`;
      if (value === null && by !== null && previous !== by) return `${by} deleted the lock of ${String(previous)}`;
      return null;
    },
  };
}

const LEADER = storeKey('leader');
