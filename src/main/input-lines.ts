import { createInterface, type Interface } from 'node:readline';
import { harmless } from './control-characters.ts';

/** Lines of standard input, one for each question. What is piped in arrives all at once, and is kept. */
export class InputLines {
  readonly #kept: string[] = [];
  #reader: Interface | null = null;
  #isOver = false;
  #waiting: ((line: string | null) => void) | null = null;

  /** `shownOn`: where the question is shown. */
  ask(prompt: string, shownOn: 'stdout' | 'stderr'): Promise<string | null> {
    // It names what the store holds.
    process[shownOn].write(harmless(prompt));
    const kept = this.#kept.shift();
    if (kept !== undefined || this.#isOver) return Promise.resolve(kept ?? null);
    this.#reader ??= this.#open();
    this.#reader.resume();
    return new Promise((resolve) => {
      const interrupted = (): void => {
        process[shownOn].write('\n');
        this.#hand(null);
      };
      process.once('SIGINT', interrupted);
      this.#waiting = (line) => {
        process.off('SIGINT', interrupted);
        // A terminal that nobody reads keeps no process alive.
        if (!this.#isOver) this.#reader?.pause();
        resolve(line);
      };
    });
  }

  #open(): Interface {
    return createInterface({ input: process.stdin, terminal: false })
      .on('line', (line) => {
        this.#hand(line);
      })
      .on('close', () => {
        this.#isOver = true;
        this.#hand(null);
      });
  }

  #hand(line: string | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) waiting(line);
    else if (line !== null) this.#kept.push(line);
  }
}
