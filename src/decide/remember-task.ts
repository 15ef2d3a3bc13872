import type { Decision } from '../domain/decision.ts';
import type { DesiredPostgres } from '../domain/desired-postgres.ts';
import type { Memory } from '../domain/memory.ts';
import type { End } from './happening.ts';

export type RunTask = Extract<Decision['action'], { kind: 'run' }>['task'];

/** What is known of PostgreSQL and its directory once a task has done what it was for. */
export function taskDone(m: Memory, task: RunTask, end: Extract<End, { kind: 'done' }>): Memory {
  switch (task.kind) {
    case 'bootstrap':
      return m.bootstrap.kind === 'won'
        ? { ...m, bootstrap: { ...m.bootstrap, kind: 'created', systemId: end.systemId }, applied: task.desired }
        : m;
    case 'start':
    case 'restart':
      return {
        ...m,
        divergence: afterStart(m, task.desired),
        applied: task.desired,
        crash: null,
        slotsSafe: new Set(),
      };
    case 'copy-slots':
      return { ...m, applied: task.desired, ...copied(m, task), slotsNotYet: new Map(), slotsSafe: new Set() };
    case 'promote':
      return { ...m, divergence: { kind: 'unchecked' }, applied: null };
    case 'rewind': {
      const rewound = end.unchanged !== true;
      return {
        ...m,
        divergence: afterRewind(m, end),
        parted: rewound ? null : m.parted,
        ledOn: rewound ? null : m.ledOn,
        crash: null,
        applied: null,
        rewound,
        copiedFrom: null,
        rewoundFrom: rewound ? task.from.member : null,
        slotsUnusable: new Set(),
      };
    }
    case 'clone':
    case 'remove-data': {
      // What was won is created: a standby cluster by a copy.
      const bootstrap =
        m.bootstrap.kind === 'won' ? ({ ...m.bootstrap, kind: 'created', systemId: null } as const) : m.bootstrap;
      return {
        ...m,
        bootstrap,
        divergence: { kind: 'unchecked' },
        parted: null,
        ledOn: null,
        crash: null,
        applied: null,
        rewound: false,
        copiedFrom: task.kind === 'clone' ? (task.from?.member ?? null) : null,
        rewoundFrom: null,
        slotsUnusable: new Set(),
      };
    }
    // All that lies here is replayed now: more than was compared, perhaps a timeline that a noted position did not show.
    case 'crash-recovery':
      return m.divergence.kind === 'diverged' ? { ...m, divergence: { kind: 'unchecked' } } : m;
    case 'stop':
    case 'end-orphans':
    case 'set-aside-data':
      return m;
  }
}

function copied({ slotsUnusable }: Memory, { slots }: Extract<RunTask, { kind: 'copy-slots' }>): Partial<Memory> {
  return {
    slotsUnusable: new Set([...slotsUnusable].filter((unusable) => slots.every(({ name }) => name !== unusable))),
  };
}

/** A server that is left to go on starting goes by the files that it was given, too; by copied slots as well. */
export function leftStarting(m: Memory, { action }: Decision, end: End): Partial<Memory> {
  if (action.kind !== 'run' || end.kind !== 'failed' || end.late !== true) return {};
  const { task } = action;
  if (task.kind !== 'start' && task.kind !== 'restart' && task.kind !== 'copy-slots') return {};
  const slots = task.kind === 'copy-slots' ? copied(m, task) : {};
  return { divergence: afterStart(m, task.desired), applied: task.desired, ...slots, slotsSafe: new Set() };
}

/** What follows nobody replays all that lies here: whether that fits, too, nobody has compared. */
function afterStart({ divergence }: Memory, { standby }: DesiredPostgres): Memory['divergence'] {
  const isAlone = standby !== null && standby.upstream === null;
  return isAlone && divergence.kind === 'fits' ? { kind: 'unchecked' } : divergence;
}

/**
 * pg_rewind reads the WAL itself: when it finds nothing to rewind, what the comparison could not see fits. But it leaves
 * the history file of a timeline that began here and that nothing was written on yet, and PostgreSQL would go there again.
 */
function afterRewind({ divergence }: Memory, end: Extract<End, { kind: 'done' }>): Memory['divergence'] {
  if (end.unchanged !== true || divergence.kind !== 'diverged') return { kind: 'unchecked' };
  const { leader, leaderTimeline, why } = divergence;
  if (divergence.isForeign === true) return { kind: 'rewind-failed', leader, leaderTimeline, attempts: 1, why };
  return { kind: 'fits', leader, leaderTimeline };
}
