import type { PostgresTask } from '../../domain/task.ts';
import type { Place } from '../world/network.ts';
import type { Checker } from './checker.ts';

/** An agent works on its PostgreSQL with one task at a time; starts and stops never overlap (spec/ha.md S26). */
export function oneTaskAtATime(): Checker {
  const underWay = new Map<Place, PostgresTask['kind']>();
  return {
    name: 'one-task-at-a-time',
    hears: ['task-began', 'task-ended'],
    see: (fact) => {
      if (fact.kind === 'task-ended') underWay.delete(fact.host);
      if (fact.kind !== 'task-began') return null;
      const earlier = underWay.get(fact.host);
      underWay.set(fact.host, fact.task.kind);
      return earlier === undefined ? null : `${fact.host} begins ${fact.task.kind} while ${earlier} is under way`;
    },
  };
}
