import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { until } from './wait.ts';

/** A root that runs its own systemd, with a network of its own, as a machine would. End it, whatever happens. */
export class BootedRoot {
  readonly #container: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #first: number;

  private constructor(container: ChildProcess, ended: Promise<void>, first: number) {
    this.#container = container;
    this.#ended = ended;
    this.#first = first;
  }

  /** @returns once systemd has started everything that it starts at boot. */
  static async boot(folder: string): Promise<BootedRoot> {
    // An empty one is drawn at boot.
    writeFileSync(join(folder, 'etc/machine-id'), '');
    const log = openSync(`${folder}.boot.log`, 'w');
    const container = spawn(
      'systemd-nspawn',
      ['--quiet', `--directory=${folder}`, '--register=no', '--keep-unit', '--private-network', '--boot'],
      { stdio: ['ignore', log, log] },
    );
    closeSync(log);
    const ended = new Promise<void>((resolve) => {
      container.once('error', () => resolve());
      container.once('exit', () => resolve());
    });
    const first = await until('the first process of the container', { withinMs: 30_000 }, () => childOf(container));
    const booted = new BootedRoot(container, ended, first);
    await until('systemd to have started everything', { withinMs: 90_000 }, async () => {
      const state = await booted.run(['systemctl', 'is-system-running']).catch((error: unknown) => String(error));
      return /\b(running|degraded)\b/.test(state);
    });
    return booted;
  }

  /** A command in there, as root. @returns what it printed. @throws as `run` does. */
  run(command: readonly [string, ...string[]], limitMs = 60_000): Promise<string> {
    return run(['nsenter', `--target=${this.#first}`, '--all', '--', 'env', '-i', `PATH=${path}`, ...command], {
      limitMs,
    });
  }

  /** A property of a unit, as systemd says it. */
  async property(unit: string, name: string): Promise<string> {
    return (await this.run(['systemctl', 'show', `--property=${name}`, '--value', unit])).trim();
  }

  /** Powered off; killed, should that take too long. */
  async end(): Promise<void> {
    await this.run(['systemctl', 'poweroff', '--no-block']).catch(() => undefined);
    const tooLate = setTimeout(() => this.#container.kill('SIGKILL'), 60_000);
    await this.#ended;
    clearTimeout(tooLate);
  }
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function childOf({ pid, exitCode }: ChildProcess): number | null {
  if (pid === undefined || exitCode !== null) throw new Error('systemd-nspawn has ended');
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return child === undefined || child === '' ? null : Number(child);
}
