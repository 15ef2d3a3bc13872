import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { matriarch } from './playground-run.ts';
import { TerminalScreen } from './screen.ts';
import { until } from './wait.ts';

/** A playground in a pseudo-terminal. */
export function openPlayground(folder: string, size: Size): ProgramInTerminal {
  return ProgramInTerminal.start(`${matriarch} playground --state-dir ${folder} --write-log ${folder}.writes`, size);
}

/** A program in a pseudo-terminal (script(1)), with somebody at its keyboard. */
export class ProgramInTerminal {
  readonly screen: TerminalScreen;
  readonly #child: ChildProcess;
  #all = '';

  private constructor(program: string, size: Size) {
    this.screen = new TerminalScreen(size);
    const command = `stty cols ${size.columns} rows ${size.rows}; exec ${program}`;
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#all += chunk.toString();
      this.screen.feed(chunk.toString());
    });
  }

  /** @param program as a shell takes it */
  static start(program: string, size: Size): ProgramInTerminal {
    return new ProgramInTerminal(program, size);
  }

  /** The program itself, inside the terminal. */
  get pid(): number {
    const own = String(this.#child.pid);
    return Number(readFileSync(`/proc/${own}/task/${own}/children`, 'utf8').trim());
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
