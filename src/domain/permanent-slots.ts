import { derived } from './derived.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import { isJsonList, isJsonObject, type Json, type JsonObject } from './json.ts';
import { type SlotName, slotName } from './names.ts';
import type { Slot } from './postgres-report.ts';
import { isTruthy } from './tags.ts';
import { textForm } from './text-form.ts';

/** A slot that the configuration wants to exist for ever. `clusterType`: only in a cluster of that kind. */
export type PermanentSlot = {
  readonly name: SlotName;
  readonly clusterType: 'primary' | 'standby' | null;
} & ({ readonly kind: 'physical' } | { readonly kind: 'logical'; readonly database: string; readonly plugin: string });

/** What `ignore_slots` names: given fields must all be equal. */
export type SlotPattern = {
  readonly name?: string;
  readonly type?: string;
  readonly database?: string;
  readonly plugin?: string;
};

export type ConfiguredSlots = {
  readonly permanent: readonly PermanentSlot[];
  readonly ignored: readonly SlotPattern[];
  /** Entries that could not be used, one sentence each. */
  readonly problems: readonly string[];
};

/**
 * Slots that the dynamic configuration speaks of: `permanent_replication_slots`, `permanent_slots` or `slots`, whichever
 * is the first that says something, and `ignore_slots` (spec/ha.md SL6, SL10; spec/config.md 6.1).
 */
export function configuredSlots(dynamic: DynamicConfig): ConfiguredSlots {
  return slotsIn(dynamic.document);
}

/** A document that says of slots what `source` says, and of everything else what `rest` does. */
export function slotSettings(source: JsonObject, rest: JsonObject): JsonObject {
  const names: ReadonlySet<string> = new Set([...SECTIONS, 'ignore_slots']);
  const isOfSlots = ([name]: readonly [string, Json]): boolean => names.has(name);
  const own = Object.entries(source).filter(isOfSlots);
  const others = Object.entries(rest).filter((entry) => !isOfSlots(entry));
  // The same one as long as neither speaks of slots: a document is compared, and read, as a whole.
  return own.length === 0 && others.length === Object.keys(rest).length
    ? rest
    : Object.fromEntries([...others, ...own]);
}

/** Is this slot one that `ignore_slots` leaves to somebody else? */
export function isIgnored(slot: Slot, patterns: readonly SlotPattern[]): boolean {
  return patterns.some(
    ({ name, type, database, plugin }) =>
      (name ?? slot.name) === slot.name &&
      (type ?? slot.type) === slot.type &&
      (database === undefined || database === slot.database) &&
      (plugin === undefined || plugin === slot.plugin),
  );
}

/** Asked for with every step. */
const slotsIn = derived((document: JsonObject): ConfiguredSlots => {
  const section = SECTIONS.map((name) => document[name]).find((each) => isTruthy(each));
  const read = isJsonObject(section) ? Object.entries(section).map(([name, options]) => readSlot(name, options)) : [];
  return {
    permanent: read.filter((each) => typeof each !== 'string').toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ignored: patternsIn(document['ignore_slots']),
    problems: read.filter((each) => typeof each === 'string'),
  };
});

const SECTIONS = ['permanent_replication_slots', 'permanent_slots', 'slots'] as const;

/** @returns a sentence when it cannot be used. */
function readSlot(name: string, options: Json): PermanentSlot | string {
  if (!/^[a-z0-9_]{1,63}$/.test(name)) return `slot ${name}: no name for a replication slot`;
  const given = isJsonObject(options) ? options : {};
  if (!isJsonObject(options) && isTruthy(options)) return `slot ${name}: ${textForm(options)} is no dictionary`;
  const clusterType = clusterTypeIn(given['cluster_type']);
  const { database, plugin, type = null } = given;
  const isComplete = typeof database === 'string' && typeof plugin === 'string' && database !== '' && plugin !== '';
  const wanted = type === null ? (isComplete ? 'logical' : 'physical') : type;
  if (wanted === 'physical') return { name: slotName(name), clusterType, kind: 'physical' };
  if (wanted !== 'logical') return `slot ${name}: ${textForm(wanted)} is no type of slot`;
  if (!isComplete) return `slot ${name}: a logical slot needs database and plugin`;
  return { name: slotName(name), clusterType, kind: 'logical', database, plugin };
}

function clusterTypeIn(value: Json | undefined): PermanentSlot['clusterType'] {
  return value === 'primary' || value === 'standby' ? value : null;
}

function patternsIn(list: Json | undefined): readonly SlotPattern[] {
  if (!isJsonList(list)) return [];
  return list.filter(isJsonObject).map((item) => {
    const fields = FIELDS.flatMap((field) => {
      const value = item[field];
      return value === undefined || value === null ? [] : [[field, textForm(value)] as const];
    });
    return Object.fromEntries(fields);
  });
}

const FIELDS = ['name', 'type', 'database', 'plugin'] as const;
