import { assertNever, invariant } from '../../domain/invariant.ts';
import type { LeaseId, Revision, StoreKey } from '../../domain/names.ts';
import { revision } from '../../domain/names.ts';
import type { StoreCondition, StoredValue } from '../../domain/store-write.ts';
import type { StoredPair } from '../../ports/store.ts';
import { renderJson } from '../../wire/json.ts';

/** The pairs below one prefix with their revisions, and the recent past of them, as an etcd keeps it. */
export class KeySpace {
  readonly #pairs = new Map<StoreKey, StoredPair>();
  readonly #past: KeyBackup[] = [];
  #revision = 1n;

  get revision(): Revision {
    return revision(this.#revision);
  }

  get(key: StoreKey): StoredPair | null {
    return this.#pairs.get(key) ?? null;
  }

  /** All pairs as they are now, sorted by key. */
  all(): readonly StoredPair[] {
    return this.#past.at(-1)?.pairs ?? [];
  }

  /** All pairs at an earlier revision; `null` when that past was compacted away. */
  at(wanted: Revision): readonly StoredPair[] | null {
    if (wanted >= this.#revision) return this.all();
    return this.#past.findLast((each) => each.revision <= wanted)?.pairs ?? null;
  }

  /** The revisions after `known` in order; `null` when some of them were compacted away. */
  since(known: Revision): readonly Revision[] | null {
    if (known >= this.#revision) return [];
    const oldest = this.#past[0];
    if (oldest === undefined || oldest.revision > known + 1n) return null;
    const first = this.#past.findLastIndex((each) => each.revision <= known) + 1;
    return this.#past.slice(first).map((each) => each.revision);
  }

  /** Go back (or forth) to what a backup holds, with no past. */
  replace(backup: KeyBackup): void {
    this.#pairs.clear();
    for (const pair of backup.pairs) this.#pairs.set(pair.key, pair);
    this.#revision = backup.revision;
    this.#past.splice(0, this.#past.length, backup);
  }

  /** Forget the past but the present picture. */
  compact(): void {
    this.#past.splice(0, this.#past.length - 1);
  }

  satisfies(conditions: readonly StoreCondition[]): boolean {
    return conditions.every((condition) => this.#holds(condition));
  }

  put(pair: { readonly key: StoreKey; readonly value: string; readonly lease: LeaseId | null }): void {
    const next = revision(this.#revision + 1n);
    const previous = this.#pairs.get(pair.key);
    const stored = { ...pair, createRevision: previous?.createRevision ?? next, modRevision: next };
    this.#pairs.set(pair.key, stored);
    // Most writes change one value, and the order stays.
    const all = this.all();
    if (previous === undefined) this.#changed(next, this.#sorted());
    else this.#changed(next, all.with(all.indexOf(previous), stored));
  }

  /** Several keys of one lease go at one revision. Absent ones change nothing. */
  delete(keys: readonly StoreKey[]): void {
    const present = keys.filter((key) => this.#pairs.has(key));
    if (present.length === 0) return;
    for (const key of present) this.#pairs.delete(key);
    this.#changed(revision(this.#revision + 1n), this.#sorted());
  }

  #holds(condition: StoreCondition): boolean {
    const pair = this.#pairs.get(condition.key);
    switch (condition.kind) {
      case 'absent':
        return pair === undefined;
      case 'value-is':
        return pair?.value === condition.value;
      case 'mod-revision-is':
        return pair?.modRevision === condition.revision;
      case 'create-revision-is':
        return pair?.createRevision === condition.revision;
      default:
        return assertNever(condition);
    }
  }

  #sorted(): readonly StoredPair[] {
    return [...this.#pairs.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }

  #changed(next: Revision, pairs: readonly StoredPair[]): void {
    invariant(next === this.#revision + 1n, 'each change is the next revision');
    this.#revision = next;
    this.#past.push({ revision: next, pairs });
    if (this.#past.length > PAST_REVISIONS_MAX) this.#past.shift();
  }
}

/** All pairs at one revision. */
export type KeyBackup = { readonly revision: Revision; readonly pairs: readonly StoredPair[] };

/** What a put stores, byte for byte. */
export function storedText(value: StoredValue): string {
  return value.kind === 'text' ? value.text : renderJson(value.json);
}

const PAST_REVISIONS_MAX = 1000;
