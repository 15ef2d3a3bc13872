import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { matriarch } from './playground-run.ts';
import { TerminalScreen } from './screen.ts';
import { until } from './wait.ts';

/** The playground in a pseudo-terminal (script(1)), with somebody at its keyboard. */
export class PlaygroundTerminal {
  readonly screen: TerminalScreen;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #all = '';

  private constructor(folder: string, size: Size) {
    this.#folder = folder;
    this.screen = new TerminalScreen(size);
    const command = `stty cols ${size.columns} rows ${size.rows}; exec ${matriarch} playground --state-dir ${folder} --write-log ${folder}.writes`;
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#all += chunk.toString();
      this.screen.feed(chunk.toString());
    });
  }

  static open(folder: string, size: Size): PlaygroundTerminal {
    return new PlaygroundTerminal(folder, size);
  }

  /** The playground itself, inside the terminal. */
  get pid(): number {
    const session = JSON.parse(readFileSync(join(this.#folder, 'session.json'), 'utf8')) as { owner: { pid: number } };
    return session.owner.pid;
  }

  press(key: string): void {
    this.#child.stdin?.write(key);
  }

  /** As a window is resized: the kernel tells the program. First it gets wider or narrower, then higher or lower. */
  async resize({ columns, rows }: Size): Promise<void> {
    await this.#setSize({ columns, rows: this.screen.size.rows }, ['cols', String(columns)]);
    await this.#setSize({ columns, rows }, ['rows', String(rows)]);
  }

  async #setSize(size: Size, words: readonly string[]): Promise<void> {
    const before = this.screen.clears;
    this.screen.resize(size);
    execFileSync('stty', ['-F', readlinkSync(`/proc/${this.pid}/fd/0`), ...words]);
    await until('the screen is drawn anew', { withinMs: 10_000 }, () => this.screen.clears > before);
  }

  /** @returns the lines. */
  async untilShown(pattern: RegExp): Promise<readonly string[]> {
    const what = `the screen shows ${pattern.source}`;
    const found = await until(what, { withinMs: 60_000, everyMs: 20 }, () => {
      if (pattern.test(this.screen.text)) return 'shown';
      return this.#child.exitCode === null ? null : 'ended';
    }).catch((error: unknown) => String(error));
    if (found === 'shown') return this.screen.lines;
    throw new Error(`${what}: ${found}\n${this.screen.text}\n${JSON.stringify(this.#all.slice(-1000))}`);
  }

  /** @returns the exit status, and all that was ever written. */
  async ended(): Promise<{ readonly status: number | null; readonly all: string }> {
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    return { status: this.#child.exitCode, all: this.#all };
  }

  /** In order, if it has not ended yet: it has to clean up. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null) process.kill(this.pid, 'SIGTERM');
    await this.ended();
  }
}

type Size = { readonly columns: number; readonly rows: number };
