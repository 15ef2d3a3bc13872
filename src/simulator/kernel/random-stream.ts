/** A deterministic source of chance for one purpose (sfc32), so that one new draw does not shift all the others. */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, purpose: string) {
    this.#a = hash(purpose, seed >>> 0);
    this.#b = hash(purpose, Math.floor(seed / 2 ** 32) ^ 0x9e37_79b9);
    this.#c = hash(purpose, this.#a ^ this.#b);
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.#next();
  }

  /** Uniform in [from, to). */
  between(from: number, to: number): number {
    return from + (this.#next() / 2 ** 32) * (to - from);
  }

  /** Uniform among the integers from … to, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor((this.#next() / 2 ** 32) * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.#next() < probability * 2 ** 32;
  }

  /** @returns `undefined` for an empty list only. */
  pick<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.integer(0, items.length - 1)];
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }
}

const WARM_UP_ROUNDS = 12;

/** FNV-1a over the characters, then murmur3's finalizer. */
function hash(text: string, start: number): number {
  let value = (0x811c_9dc5 ^ start) >>> 0;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x0100_0193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2_ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
