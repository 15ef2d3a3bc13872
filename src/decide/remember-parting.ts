import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { heldLock, isPrimary } from './facts.ts';

/**
 * The last leader that what lies here was found to have parted from. What was found out about a leader is void when the lock
 * changes hands; this holds until it fits a later one, or leads itself, or is replaced (`remember-task.ts`).
 */
export function withParting(m: Memory, o: Observation): Memory {
  const parted = heldLock(o) !== null && isPrimary(o) ? null : parting(m);
  return isSame(parted, m.parted) ? m : { ...m, parted };
}

function parting({ divergence, parted }: Memory): Memory['parted'] {
  switch (divergence.kind) {
    case 'fits':
    case 'starved':
      return null;
    case 'diverged':
      return { from: divergence.leader, timeline: divergence.leaderTimeline };
    case 'rewind-failed':
      // A copy that does not start may fit nobody, and everybody.
      return divergence.doesNotStart === true ? parted : { from: divergence.leader, timeline: null };
    case 'unchecked':
      return parted;
  }
}

function isSame(a: Memory['parted'], b: Memory['parted']): boolean {
  return a === b || (a !== null && b !== null && a.from === b.from && a.timeline === b.timeline);
}
