import type { PostgresTask, TaskOutcome } from '../../domain/task.ts';
import { TaskRun, type TaskSetup } from './task-run.ts';
import { beginTask } from './tasks.ts';

/**
 * Long work on one node's PostgreSQL, one at a time, for the agent that runs as `actor`. Freezing that agent delays
 * only what it notices; its death breaks the work off where it stands.
 */
export class TaskRunner {
  readonly #setup: TaskSetup;
  #running: { readonly id: number; readonly task: PostgresTask; readonly run: TaskRun } | null = null;

  constructor(setup: TaskSetup) {
    this.#setup = setup;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  run(id: number, task: PostgresTask): void {
    const { kernel, postgres, emit, actor } = this.#setup;
    emit({ kind: 'task-began', host: postgres.host, task });
    if (this.#running !== null) {
      kernel.after(0, actor, 'task refused', () => {
        this.#setup.ended(id, { kind: 'refused', reason: 'another task is running' });
      });
      return;
    }
    kernel.note(postgres.host, () => `task ${id}: ${describeTask(task)}`);
    const run = new TaskRun(this.#setup, (outcome) => {
      if (this.#running?.id !== id) return;
      this.#running = null;
      kernel.note(postgres.host, () => `task ${id}: ${describeOutcome(outcome)}`);
      emit({ kind: 'task-ended', host: postgres.host, task, how: outcome.kind });
      this.#setup.ended(id, outcome);
    });
    this.#running = { id, task, run };
    if (NEEDS_NO_DISK.has(task.kind)) beginTask(task, run);
    else run.whenDiskAnswers(() => beginTask(task, run));
  }

  cancel(id: number): void {
    if (this.#running?.id !== id || this.#running.run.cancel()) return;
    this.abandon();
    this.#setup.kernel.after(CANCEL_MS, this.#setup.actor, 'task cancelled', () => {
      this.#setup.ended(id, { kind: 'cancelled' });
    });
  }

  /** The agent died. */
  abandon(): void {
    const running = this.#running;
    if (running === null) return;
    running.run.breakOff();
    this.#running = null;
    const { emit, postgres } = this.#setup;
    emit({ kind: 'task-ended', host: postgres.host, task: running.task, how: 'broken-off' });
  }
}

function describeTask(task: PostgresTask): string {
  switch (task.kind) {
    case 'start':
    case 'restart': {
      const { standby } = task.desired;
      return `${task.kind} as ${standby === null ? 'primary' : `standby of ${standby.upstream?.member ?? 'nobody'}`}`;
    }
    case 'clone':
      return `clone from ${task.from?.member ?? 'a backup'}`;
    case 'rewind':
      return `rewind from ${task.from.member}`;
    case 'stop':
      return `${task.mode} stop`;
    case 'copy-slots':
      return `copy slots ${task.slots.map(({ name }) => name).join(', ')} from ${task.from.member}`;
    case 'bootstrap':
    case 'crash-recovery':
    case 'end-orphans':
    case 'promote':
    case 'remove-data':
    case 'set-aside-data':
      return task.kind;
    default:
      return 'unknown task';
  }
}

function describeOutcome(outcome: TaskOutcome): string {
  return 'reason' in outcome ? `${outcome.kind}: ${outcome.reason}` : outcome.kind;
}

/** What works by signals, or over a connection, alone. */
const NEEDS_NO_DISK: ReadonlySet<PostgresTask['kind']> = new Set(['stop', 'end-orphans', 'promote']);
const CANCEL_MS = 20;
