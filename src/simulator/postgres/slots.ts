import { type SlotName, slotName } from '../../domain/names.ts';
import type { SlotChange } from '../../domain/slot-change.ts';
import type { TaskOutcome } from '../../domain/task.ts';

/** Whose slots these are: how far its WAL reaches back and on, and where those that use a slot stand. */
export type SlotOwner = {
  readonly position: number;
  /** Where a new slot begins: at the last checkpoint. */
  readonly reservesFrom: number;
  /** The position of whoever streams with this slot; `null`: nobody does. */
  readonly usedAt: (name: SlotName) => number | null;
};

/** Physical replication slots of one server: each holds back WAL from its position on. */
export class Slots {
  readonly #positions = new Map<SlotName, number>();

  has(name: SlotName): boolean {
    return this.#positions.has(name);
  }

  /** Whoever used it is gone, and had come so far. */
  left(name: SlotName, position: number): void {
    const before = this.#positions.get(name);
    if (before !== undefined && position > before) this.#positions.set(name, position);
  }

  all(owner: SlotOwner): readonly { readonly name: SlotName; readonly active: boolean; readonly position: number }[] {
    return [...this.#positions].map(([name, left]) => {
      const used = owner.usedAt(name);
      return { name: slotName(name), active: used !== null, position: used ?? left };
    });
  }

  /** Slots in use are neither dropped nor advanced. */
  change(change: SlotChange, owner: SlotOwner): TaskOutcome {
    const busy = change.drop.filter((name) => this.has(name) && owner.usedAt(name) !== null);
    for (const name of change.drop) if (!busy.includes(name)) this.#positions.delete(name);
    for (const name of change.create) if (!this.has(name)) this.#positions.set(name, owner.reservesFrom);
    for (const { name, to } of change.advance) {
      if (owner.usedAt(name) === null) this.left(name, Math.min(Number(to), owner.position));
    }
    return busy.length === 0 ? { kind: 'done' } : { kind: 'failed', reason: `in use: ${busy.join(', ')}` };
  }

  /** Somebody drops those that nobody uses. */
  dropUnused(owner: SlotOwner): void {
    for (const name of [...this.#positions.keys()]) if (owner.usedAt(name) === null) this.#positions.delete(name);
  }

  clear(): void {
    this.#positions.clear();
  }
}
