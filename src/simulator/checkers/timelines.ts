import type { WalBranch } from '../postgres/wal-branch.ts';
import type { Checker } from './checker.ts';

/**
 * Two branches never carry one timeline number while both are in use: a standby could follow the wrong one and not
 * notice. Seen when a server acknowledges writes on the second of them.
 */
export function oneBranchPerTimeline(): Checker {
  const branches = new Map<number, WalBranch>();
  return {
    name: 'one-branch-per-timeline',
    see: (fact) => {
      if (fact.kind !== 'promoted') return null;
      const { branch } = fact;
      const known = branches.get(branch.timeline);
      branches.set(branch.timeline, branch);
      if (known === undefined || known === branch) return null;
      return `${fact.host} made timeline ${branch.timeline} again, after ${known.madeBy}`;
    },
  };
}
