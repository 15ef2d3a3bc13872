import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { mayLead } from './tags.ts';

/** A member whose own file says `nofailover` never turns from standby to primary (spec/ha.md S13). */
export function nofailoverNeverPromotes(): Checker {
  const barred = new Set<Place>();
  return {
    name: 'nofailover-never-promotes',
    hears: ['agent-began', 'promoting'],
    see: (fact) => {
      if (fact.kind === 'agent-began') {
        if (mayLead(fact.tags)) barred.delete(fact.host);
        else barred.add(fact.host);
      }
      if (fact.kind !== 'promoting' || !barred.has(fact.host)) return null;
      return `${fact.host} is promoted, and its tags forbid it`;
    },
  };
}
