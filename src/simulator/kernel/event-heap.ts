import type { Actor } from './actor.ts';

/** Something that will happen at `time` (virtual milliseconds) to `actor`, or to the world itself. */
export type Scheduled = {
  readonly time: number;
  /** Order of scheduling: the tie-break that makes a run a function of its seed. */
  readonly sequence: number;
  readonly actor: Actor | null;
  /** The actor's life that it was meant for; a later life does not get it. */
  readonly life: number;
  readonly label: string;
  /** `null`: it was called off. */
  run: (() => void) | null;
};

/** A binary heap ordered by (time, sequence). */
export class EventHeap {
  readonly #items: Scheduled[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): Scheduled | undefined {
    return this.#items[0];
  }

  push(item: Scheduled): void {
    const items = this.#items;
    let hole = items.length;
    items.push(item);
    while (hole > 0) {
      const parentIndex = (hole - 1) >> 1;
      const parent = items[parentIndex];
      if (parent === undefined || before(parent, item)) break;
      items[hole] = parent;
      hole = parentIndex;
    }
    items[hole] = item;
  }

  pop(): Scheduled | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let hole = 0;
    for (;;) {
      const left = items[2 * hole + 1];
      const right = items[2 * hole + 2];
      const smaller = right !== undefined && left !== undefined && before(right, left) ? right : left;
      if (smaller === undefined || before(last, smaller)) break;
      items[hole] = smaller;
      hole = smaller === right ? 2 * hole + 2 : 2 * hole + 1;
    }
    items[hole] = last;
    return first;
  }
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
