/** Where lines end up. One write at a time. */
export type Sink = {
  /** Settles when everything is written. */
  write(text: string): Promise<void>;
  /** The same at once, for the end of the process. */
  writeNow(text: string): void;
};

/** So that a reader that is slow gets large pieces. */
const PIECE_LINES_MAX = 200;

/**
 * Lines on their way to a sink that may be slow, or stuck: whoever logs never waits. When too many wait, new ones are
 * dropped and counted.
 */
export class LineQueue {
  readonly #waiting: string[] = [];
  readonly #lost: (count: number) => string;
  #sink: Sink;
  #max: number;
  #writing: Promise<void> | null = null;
  #dropped = 0;

  /** @param lost makes the line that tells how many were dropped */
  constructor(sink: Sink, max: number, lost: (count: number) => string) {
    this.#sink = sink;
    this.#max = max;
    this.#lost = lost;
  }

  /** Lines were dropped, and there was no room since to tell it. */
  get isLosing(): boolean {
    return this.#dropped > 0;
  }

  get #isFull(): boolean {
    return this.#waiting.length >= this.#max;
  }

  /** What waits goes to the new sink, too. */
  configure(sink: Sink, max: number): void {
    this.#sink = sink;
    this.#max = max;
  }

  push(line: string): void {
    if (this.#isFull) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#writing ??= this.#drain();
  }

  /** Settles when nothing waits any more. It may take for ever: bound it. */
  async drained(): Promise<void> {
    await this.#writing;
  }

  /** The process ends, and what is not written now is lost. */
  writeRest(): void {
    const rest = this.#waiting.splice(0).join('');
    if (rest !== '') this.#sink.writeNow(rest);
  }

  async #drain(): Promise<void> {
    // What is logged in the same moment goes in one piece.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const piece = this.#waiting.splice(0, PIECE_LINES_MAX).join('');
      await this.#sink.write(piece);
      if (this.#dropped > 0 && !this.#isFull) {
        this.#waiting.push(this.#lost(this.#dropped));
        this.#dropped = 0;
      }
    }
    this.#writing = null;
  }
}
