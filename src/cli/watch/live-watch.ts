import type { ReadStream, WriteStream } from 'node:tty';
import { millis } from '../../domain/time.ts';
import { Terminal } from '../../terminal/terminal.ts';
import type { OperatorLine } from '../command-line.ts';
import { type Change, changesSince, pastOf } from './changes.ts';
import { LOOK_EVERY } from './look.ts';
import { type Page, renderWatch } from './render-watch.ts';
import type { Scene } from './scene.ts';

/** What the view takes of the process. */
export type WatchTerminal = {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly colors: 'colored' | 'plain';
  /** Why everything shall end now (a signal, for instance); `null`: go on. */
  readonly interruption: () => Error | null;
  /** Whatever happens to the process, `restore` is called before it is gone. */
  readonly atExit: (restore: () => void) => void;
};

/** A cluster on the whole screen, with a few keys, until somebody quits. */
export class LiveWatch {
  readonly #terminal: Terminal;
  readonly #line: OperatorLine;
  readonly #interruption: WatchTerminal['interruption'];
  #scene: Scene;
  #changes: readonly Change[];
  #page: Page = 'cluster';
  #isLeft = false;

  constructor({ line, first, ...terminal }: WatchTerminal & { readonly line: OperatorLine; readonly first: Scene }) {
    this.#line = line;
    this.#interruption = terminal.interruption;
    this.#scene = first;
    this.#changes = pastOf(first);
    this.#terminal = new Terminal({
      ...terminal,
      onKey: (key) => this.#press(key),
      onResize: () => this.#draw(),
    });
    terminal.atExit(() => this.#terminal.restore());
  }

  /** @throws when interrupted; the terminal is restored first. */
  async untilLeft(look: (before: Scene) => Promise<Scene>): Promise<void> {
    try {
      // A look may wait for an agent that hangs; whoever quits does not wait for it.
      await Promise.race([this.#drawing(), this.#looking(look)]);
    } finally {
      this.#isLeft = true;
      this.#terminal.restore();
    }
  }

  async #drawing(): Promise<void> {
    while (!this.#isLeft) {
      const interruption = this.#interruption();
      if (interruption !== null) throw interruption;
      this.#draw();
      await this.#line.sleep(DRAW_EVERY);
    }
  }

  async #looking(look: (before: Scene) => Promise<Scene>): Promise<void> {
    while (!this.#isLeft) {
      await this.#line.sleep(LOOK_EVERY);
      const next = await look(this.#scene);
      this.#changes = [...this.#changes, ...changesSince(this.#scene, next)].slice(-CHANGES_MAX);
      this.#scene = next;
    }
  }

  #draw(): void {
    const watched = { scene: this.#scene, changes: this.#changes, now: this.#line.now() };
    this.#terminal.draw(renderWatch(watched, this.#page, this.#terminal.size));
  }

  #press(key: string): void {
    if (quitting.has(key)) this.#isLeft = true;
    else if (this.#page === 'help') this.#page = 'cluster';
    else if (key === '?' || key === 'h') this.#page = 'help';
    else return;
    this.#draw();
  }
}

/** `q`, and the keyboard's ways to ask a program to end, in raw mode. */
const quitting: ReadonlySet<string> = new Set(['q', '\x03', '\x04']);

/** Often enough for a lease that runs down, seldom enough to be calm. */
const DRAW_EVERY = millis(200);
/** Enough for any screen. */
const CHANGES_MAX = 200;
