import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/**
 * Whoever was told that its promotion is done does not ask for it again while that server lives: an agent acts on what it
 * saw after its last task, not before.
 */
export function promotedOnce(): Checker {
  const promoted = new Set<Place>();
  return {
    name: 'promoted-once',
    hears: ['task-began', 'task-ended', 'server'],
    see: (fact) => {
      if (fact.kind === 'server' && fact.state !== 'primary') promoted.delete(fact.host);
      if (fact.kind === 'task-ended' && fact.task.kind === 'promote' && fact.how === 'done') promoted.add(fact.host);
      const isRepeated = fact.kind === 'task-began' && fact.task.kind === 'promote' && promoted.has(fact.host);
      return isRepeated ? `${fact.host} is promoted again` : null;
    },
  };
}
