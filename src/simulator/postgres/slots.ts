import type { SlotName } from '../../domain/names.ts';
import type { LogicalSlot, SlotChange } from '../../domain/slot-change.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import { stillHas } from './wal-retention.ts';

/** Whose slots these are: how far its WAL reaches back and on, and where those that use a slot stand. */
export type SlotOwner = {
  readonly isPrimary: boolean;
  readonly position: number;
  readonly replayed: number;
  readonly walFrom: number;
  /** Where a new slot begins: at the last checkpoint. */
  readonly reservesFrom: number;
  /** The position of whoever streams with this slot; `null`: nobody does. */
  usedAt(name: SlotName): number | null;
  /** The same of many slots at one moment. */
  users(): Pick<SlotOwner, 'usedAt'>;
};

/** A logical slot: what its consumer has confirmed. WAL from there on is what it needs. */
export type LogicalState = LogicalSlot & { readonly confirmed: number };

/** `isLost`: WAL that it needs is gone. */
export type SlotHere = {
  readonly name: SlotName;
  readonly active: boolean;
  readonly position: number;
  readonly isLost: boolean;
} & ({ readonly type: 'physical' } | { readonly type: 'logical'; readonly state: LogicalState });

/** What became of single slots, for whoever watches. */
export type SlotNews =
  | {
      readonly kind: 'dropped';
      readonly name: SlotName;
      readonly type: 'physical' | 'logical';
      readonly wasLost: boolean;
    }
  | { readonly kind: 'created' | 'copied' | 'advanced'; readonly state: LogicalState };

/** Replication slots of one server: each holds back WAL from its position on. */
export class Slots {
  readonly #physical = new Map<SlotName, number>();
  readonly #logical = new Map<SlotName, LogicalState>();
  readonly #tell: (news: SlotNews) => void;

  constructor(tell: (news: SlotNews) => void) {
    this.#tell = tell;
  }

  has(name: SlotName): boolean {
    return this.#physical.has(name) || this.#logical.has(name);
  }

  logical(name: SlotName): LogicalState | null {
    return this.#logical.get(name) ?? null;
  }

  /** Whoever used it is gone, and had come so far. */
  left(name: SlotName, position: number): void {
    const before = this.#physical.get(name);
    if (before !== undefined && position > before) this.#physical.set(name, position);
  }

  /** The consumer of a logical slot has everything up to there. */
  confirm(name: SlotName, position: number): void {
    const before = this.#logical.get(name);
    if (before !== undefined && position > before.confirmed) {
      this.#logical.set(name, { ...before, confirmed: position });
    }
  }

  all(owner: SlotOwner): readonly SlotHere[] {
    const all: SlotHere[] = [];
    const { walFrom } = owner;
    const users = owner.users();
    for (const [name, left] of this.#physical) {
      const used = users.usedAt(name);
      const position = used ?? left;
      all.push({ name, type: 'physical', active: used !== null, position, isLost: !stillHas(walFrom, position) });
    }
    for (const state of this.#logical.values()) {
      const { name, confirmed: position } = state;
      all.push({ name, type: 'logical', active: false, position, isLost: !stillHas(walFrom, position), state });
    }
    return all;
  }

  /** Slots in use are neither dropped nor advanced. */
  change(change: SlotChange, owner: SlotOwner): TaskOutcome {
    const busy = change.drop.filter((name) => this.#physical.has(name) && owner.usedAt(name) !== null);
    for (const name of change.drop) if (!busy.includes(name)) this.#drop(name, owner);
    for (const name of change.create) if (!this.has(name)) this.#physical.set(name, owner.reservesFrom);
    for (const { name, to } of change.advance) {
      if (owner.usedAt(name) === null) this.left(name, Math.min(Number(to), owner.position));
    }
    const refused = change.createLogical.filter((slot) => !this.#createLogical(slot, owner)).map(({ name }) => name);
    const unusableSlots = change.advanceLogical
      .filter(({ name, to }) => !this.#advanceLogical(name, Math.min(Number(to), owner.replayed), owner))
      .map(({ name }) => name);
    const failed = [...busy, ...refused, ...unusableSlots];
    if (failed.length === 0) return { kind: 'done' };
    const reason = `not done: ${failed.join(', ')}`;
    return { kind: 'failed', reason, ...(unusableSlots.length === 0 ? {} : { unusableSlots }) };
  }

  /** Its file was written; only while nothing runs. */
  put(state: LogicalState): void {
    this.#physical.delete(state.name);
    this.#logical.set(state.name, state);
    this.#tell({ kind: 'copied', state });
  }

  /** Somebody drops those that nobody uses. */
  dropUnused(owner: SlotOwner): void {
    for (const name of [...this.#physical.keys()]) if (owner.usedAt(name) === null) this.#physical.delete(name);
    this.#logical.clear();
  }

  clear(): void {
    this.#physical.clear();
    this.#logical.clear();
  }

  #drop(name: SlotName, owner: SlotOwner): void {
    const position = this.#physical.get(name) ?? this.#logical.get(name)?.confirmed;
    if (position === undefined) return;
    const type = this.#logical.has(name) ? 'logical' : 'physical';
    this.#physical.delete(name);
    this.#logical.delete(name);
    this.#tell({ kind: 'dropped', name, type, wasLost: !stillHas(owner.walFrom, position) });
  }

  /** Before PostgreSQL 16 no standby makes one. */
  #createLogical(slot: LogicalSlot, owner: SlotOwner): boolean {
    if (this.has(slot.name)) return true;
    if (!owner.isPrimary) return false;
    const state = { ...slot, confirmed: owner.position };
    this.#logical.set(slot.name, state);
    this.#tell({ kind: 'created', state });
    return true;
  }

  /** @returns `false`: the WAL in between is not all there, and never will be. */
  #advanceLogical(name: SlotName, to: number, { walFrom }: SlotOwner): boolean {
    const before = this.#logical.get(name);
    if (before === undefined || to <= before.confirmed) return true;
    if (!stillHas(walFrom, before.confirmed)) return false;
    const state = { ...before, confirmed: to };
    this.#logical.set(name, state);
    this.#tell({ kind: 'advanced', state });
    return true;
  }
}
