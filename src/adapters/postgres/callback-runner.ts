import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Callback } from '../../domain/callback.ts';
import { errorCode, reasonOf } from './errors.ts';
import type { Instance } from './instance.ts';
import { scriptEnvironment } from './process/environment.ts';
import { killTree } from './process/kill.ts';
import { operatorCommand } from './process/operator-command.ts';

/**
 * Runs operators' commands, one at a time: a new one ends the one that runs, with all that it started, and of several
 * that come meanwhile only the last is run. `on_reload` has a place of its own, so that a reload never ends the command
 * that moves an address (spec/postgres.md 15). Nobody waits for any of them, and they outlive the agent.
 */
export class CallbackRunner {
  readonly #changes: Place;
  readonly #reloads: Place;

  constructor(instance: Pick<Instance, 'config' | 'environment' | 'log'>) {
    this.#changes = new Place(instance);
    this.#reloads = new Place(instance);
  }

  run(callback: Callback): void {
    (callback.action === 'on_reload' ? this.#reloads : this.#changes).run(callback);
  }
}

class Place {
  readonly #instance: Pick<Instance, 'config' | 'environment' | 'log'>;
  #running: ChildProcess | null = null;
  #next: Callback | null = null;
  #isMakingRoom = false;

  constructor(instance: Pick<Instance, 'config' | 'environment' | 'log'>) {
    this.#instance = instance;
  }

  run(callback: Callback): void {
    this.#next = callback;
    if (!this.#isMakingRoom) void this.#startNext();
  }

  async #startNext(): Promise<void> {
    const pid = this.#running?.pid;
    if (pid !== undefined) {
      this.#isMakingRoom = true;
      // One that cannot be ended is not waited for longer than this does, and the new one comes all the same.
      await killTree(pid).catch((error: unknown) => {
        this.#instance.log.write('warn', 'callback-not-ended', { reason: reasonOf(error) });
      });
      this.#isMakingRoom = false;
    }
    const callback = this.#next;
    this.#next = null;
    if (callback !== null) this.#launch(callback);
  }

  #launch({ action, command: text, role }: Callback): void {
    const { config, environment, log } = this.#instance;
    const program = operatorCommand(text);
    if (program === null) {
      log.write('error', 'callback-not-started', { action, reason: `"${text}" is no command` });
      return;
    }
    log.write('info', 'callback', { action, role });
    const notStarted = (reason: string): void => log.write('error', 'callback-not-started', { action, reason });
    const child = begin(program.command, [...program.args, action, role, config.scope], {
      env: scriptEnvironment(environment),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (typeof child === 'string') {
      notStarted(child);
      return;
    }
    const forget = (): void => {
      if (this.#running === child) this.#running = null;
    };
    this.#running = child;
    child.on('error', (error) => {
      forget();
      notStarted(reasonOf(error));
    });
    child.on('exit', forget);
    child.unref();
  }
}

/** Some of what the system refuses (no memory, too many words, a path through a file) Node throws at once. */
function begin(command: string, args: readonly string[], options: SpawnOptions): ChildProcess | string {
  try {
    return spawn(command, args, options);
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return reasonOf(error);
  }
}
