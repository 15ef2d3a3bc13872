import type { WalBranch } from '../postgres/wal-branch.ts';
import type { WalEnd } from '../world/facts.ts';
import type { Checker } from './checker.ts';
import { Excused } from './excused.ts';
import { SyncFacts } from './sync-facts.ts';

/**
 * Whoever may lead next has what was acknowledged (spec/ha.md S7, S10), at the very moment at which the sync key is
 * written: of its voters no more lack something than its quorum makes up for. A loss that needs a death at the wrong
 * moment is seen without it. Judged while the key's leader is the primary that acknowledges. A voter whose data is gone
 * (an operator had it removed while the write was under way) neither elects nor is elected: it is judged by the copy that
 * takes the place of that, as soon as it is complete.
 */
export function electorsHaveWhatWasAcknowledged(): Checker {
  const sync = new SyncFacts();
  const excused = new Excused();
  return {
    name: 'electors-have-what-was-acknowledged',
    hears: ['electors-change', ...SyncFacts.hears, ...Excused.hears],
    see: (fact) => {
      sync.see(fact);
      excused.see(fact);
      if (fact.kind !== 'electors-change') return null;
      const { mode, key, isKeyRestored, holder } = sync.now;
      const end = fact.acknowledged.find(({ host }) => host === holder && host === key?.leader);
      if (mode === 'off' || key === null || isKeyRestored || end === undefined || excused.covers(end.host)) return null;
      const lacking = [...key.voters].filter(
        (voter) =>
          !fact.withoutData.some((each) => each === voter) &&
          !fact.flushed.some((each) => each.host === voter && has(each, end)),
      );
      if (lacking.length <= key.quorum) return null;
      return `${end.host} has acknowledged up to ${end.position}, and ${lacking.join(', ')} may elect with a quorum of ${key.quorum} without it`;
    },
  };
}

function has(flushed: WalEnd, end: WalEnd): boolean {
  for (let branch: WalBranch | null = flushed.branch; branch !== null; branch = branch.parent) {
    if (branch === end.branch) return flushed.position >= end.position;
  }
  return false;
}
