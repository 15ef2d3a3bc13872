import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';

/**
 * A primary whose agent gets to see that another member holds the lock acknowledges nothing any more a moment later,
 * whatever is left of its own lease (spec/ha.md S5). An agent that freezes or ends right then leaves it to the guardian; one
 * whose PostgreSQL hangs learns what runs there when its look ends.
 */
export function lostLockEndsWriting(): Checker {
  const excused = new Excused();
  const acknowledging = new Set<Place>();
  const told = new Map<Place, { readonly holder: Place; readonly at: number }>();
  const blindUntil = new Map<Place, number>();
  const overdue = (host: Place, now: number): string | null => {
    const news = told.get(host);
    const seenAt = Math.max(news?.at ?? 0, blindUntil.get(host) ?? 0);
    if (news === undefined || !acknowledging.has(host) || now <= seenAt + STOP_MS) return null;
    return `${host} goes on writing though its agent saw ${news.holder} hold the lock`;
  };
  return {
    name: 'lost-lock-ends-writing',
    hears: ['acknowledges', 'falls-quiet', 'fault', 'picture-seen', ...Excused.hears],
    see: (fact, now) => {
      excused.see(fact);
      if (fact.kind === 'acknowledges') acknowledging.add(fact.host);
      if (fact.kind === 'falls-quiet') {
        const problem = overdue(fact.host, now);
        acknowledging.delete(fact.host);
        told.delete(fact.host);
        return problem;
      }
      if (fact.kind === 'picture-seen') {
        const isLost = fact.holder !== null && fact.holder !== fact.host && acknowledging.has(fact.host);
        if (!isLost || excused.covers(fact.host)) told.delete(fact.host);
        else if (!told.has(fact.host)) told.set(fact.host, { holder: fact.holder, at: now });
      }
      if (fact.kind !== 'fault' || fact.host === null) return null;
      told.delete(fact.host);
      if (fact.fault.kind === 'hang-postgres') blindUntil.set(fact.host, now + fact.fault.span + LOOK_MS);
      return null;
    },
  };
}

/** A look at a server, or a disk, that does not answer. */
const LOOK_MS = 2000;
/** The step, the task, the signal, and PostgreSQL's processes ending without a checkpoint: hundredths of a second each. */
const STOP_MS = 500;
