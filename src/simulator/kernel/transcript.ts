/**
 * What happened in a run. The hash over every event is always kept (two runs of one seed must agree); readable lines
 * only when asked for, since most runs end without anybody reading them.
 */
export class Transcript {
  readonly #lines: string[] | null;
  #hash = 0x811c_9dc5;

  constructor(lines: 'lines' | 'hash-only') {
    this.#lines = lines === 'lines' ? [] : null;
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  get readable(): boolean {
    return this.#lines !== null;
  }

  /** One event of the heap. */
  count(time: number, label: string): void {
    let value = this.#hash ^ Math.round(time * 1000);
    for (let index = 0; index < label.length; index += 1) {
      value = Math.imul(value ^ label.charCodeAt(index), 0x0100_0193);
    }
    this.#hash = value;
  }

  /** One line for people; `text` is called only when lines are kept. */
  note(time: number, who: string, text: () => string): void {
    if (this.#lines === null) return;
    this.#lines.push(`${(time / 1000).toFixed(3).padStart(9)}  ${who.padEnd(14)} ${text()}`);
    if (this.#lines.length > LINES_MAX) this.#lines.splice(0, LINES_MAX / 10);
  }
}

const LINES_MAX = 200_000;
