/**
 * What happened in a run. The hash over every event is always kept (two runs of one seed must agree); readable lines
 * only when asked for, since most runs end without anybody reading them.
 */
export class Transcript {
  readonly #lines: string[] | null;
  #hash = FIRST;
  /** Labels are few. */
  readonly #hashes = new Map<string, number>();

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
    const ofTime = Math.imul(this.#hash ^ Math.round(time * 1000), PRIME);
    this.#hash = Math.imul(ofTime ^ this.#hashOf(label), PRIME);
  }

  #hashOf(label: string): number {
    const known = this.#hashes.get(label);
    if (known !== undefined) return known;
    let value = FIRST;
    for (let index = 0; index < label.length; index += 1) value = Math.imul(value ^ label.charCodeAt(index), PRIME);
    this.#hashes.set(label, value);
    return value;
  }

  /** One line for people; `text` is called only when lines are kept. */
  note(time: number, who: string, text: () => string): void {
    if (this.#lines === null) return;
    this.#lines.push(`${(time / 1000).toFixed(3).padStart(9)}  ${who.padEnd(14)} ${text()}`);
    if (this.#lines.length > LINES_MAX) this.#lines.splice(0, LINES_MAX / 10);
  }
}

/** FNV-1a's. */
const FIRST = 0x811c_9dc5;
const PRIME = 0x0100_0193;
const LINES_MAX = 200_000;
