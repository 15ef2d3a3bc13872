import type { TaskOutcome } from '../../domain/task.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Fact } from '../world/facts.ts';
import type { Network } from '../world/network.ts';
import { drawSpan, type Settings, type Span } from '../world/settings.ts';
import type { PostgresModel } from './postgres-model.ts';

/** The lease as the heartbeat knows it at this very moment, in world time. */
export type LeaseNow = { readonly deadline: number | null; readonly guardianReady: boolean };

export type TaskSetup = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly settings: Settings;
  readonly postgres: PostgresModel;
  /** The agent's process, which starts tools and waits for them. */
  readonly actor: Actor;
  readonly leaseNow: () => LeaseNow;
  readonly emit: (fact: Fact) => void;
  readonly ended: (id: number, outcome: TaskOutcome) => void;
};

/** One task under way: what it may wait for, and how it ends. */
export class TaskRun {
  readonly setup: TaskSetup;
  readonly #finished: (outcome: TaskOutcome) => void;
  #open = true;
  #onBreak: () => void = () => undefined;
  #onCancel: (() => Continued) | null = null;
  /** Which of the waits is the present one. */
  #wait = 0;
  #forget: (() => void) | null = null;

  constructor(setup: TaskSetup, finished: (outcome: TaskOutcome) => void) {
    this.setup = setup;
    this.#finished = finished;
  }

  get postgres(): PostgresModel {
    return this.setup.postgres;
  }

  finish(outcome: TaskOutcome): Continued {
    if (!this.#open) return 'continued';
    this.#close();
    this.setup.kernel.after(0, this.setup.actor, 'task ended', () => this.#finished(outcome));
    return 'continued';
  }

  fail(reason: string): Continued {
    return this.finish({ kind: 'failed', reason });
  }

  /** What to leave behind when the tool is killed half-way. */
  onBreakOff(leave: () => void): void {
    this.#onBreak = leave;
  }

  breakOff(): void {
    if (!this.#open) return;
    this.#close();
    this.#onBreak();
  }

  /** What is done first when the task is told to end; without it, it is broken off where it stands. */
  onCancel(end: () => Continued): void {
    this.#onCancel = end;
  }

  /** @returns whether the task comes to its end by itself. */
  cancel(): boolean {
    const end = this.#onCancel;
    if (!this.#open || end === null) return false;
    this.#wait += 1;
    this.#forget?.();
    end();
    return true;
  }

  draw(span: Span): number {
    return drawSpan(this.setup.kernel.random('tasks'), span);
  }

  /** A tool works for `span`; then `done`, whether or not the agent is awake to notice. */
  tool(span: Span, done: () => Continued): Continued {
    this.postgres.toolRuns(true);
    this.setup.kernel.after(this.draw(span), this.postgres.actor, 'tool ended', () => {
      if (!this.#open) return;
      this.postgres.toolRuns(false);
      done();
    });
    return 'continued';
  }

  /** Whoever opens a file on a disk that does not answer waits as long as that lasts. */
  whenDiskAnswers(then: () => Continued): Continued {
    if (!this.postgres.isDiskStuck) return then();
    return this.later(DISK_POLL_MS, () => this.whenDiskAnswers(then));
  }

  /** After `delay`, by the agent itself. */
  later(delay: number, then: () => Continued | undefined): Continued {
    this.setup.kernel.after(delay, this.setup.actor, 'task step', () => {
      if (this.#open) then();
    });
    return 'continued';
  }

  /** Wait until `ready` says so; looks again whenever the server changes. */
  until(ready: () => boolean, { limit, then, late }: Wait): Continued {
    this.#wait += 1;
    const wait = this.#wait;
    const end = (next: () => Continued): undefined => {
      this.#wait += 1;
      this.#forget?.();
      this.#forget = null;
      next();
    };
    const look = (): undefined => {
      if (wait === this.#wait && ready()) end(then);
    };
    this.#forget = this.postgres.onChange(() => this.later(NOTICE_MS, look));
    this.later(0, look);
    if (limit !== null) {
      this.later(limit, () => {
        if (wait === this.#wait) end(late);
        return undefined;
      });
    }
    return 'continued';
  }

  #close(): void {
    this.#open = false;
    this.postgres.toolRuns(false);
    this.#forget?.();
    this.#forget = null;
  }
}

/** Every path of a task ends in a word of `TaskRun`: it finished, or something will call it again. */
export type Continued = 'continued';

/** `limit` null: as long as it takes. */
export type Wait = {
  readonly limit: number | null;
  readonly then: () => Continued;
  readonly late: () => Continued;
};

/** How soon a tool's end, or a change of the server, is noticed. */
const NOTICE_MS = 3;
const DISK_POLL_MS = 20;
