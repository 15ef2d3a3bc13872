import type { Brand } from './brand.ts';

/** A member's name, compared byte for byte. */
export type MemberName = Brand<string, 'MemberName'>;
/** PostgreSQL's system identifier as decimal text: 64 bits, never a floating-point number. */
export type SystemId = Brand<string, 'SystemId'>;
/** A lease of the store, as decimal text (etcd: 64 bits). */
export type LeaseId = Brand<string, 'LeaseId'>;
/** The store's revision: grows with every change anywhere in the store. */
export type Revision = Brand<bigint, 'Revision'>;
/** A key below the cluster's prefix: `leader`, `members/a`, `matriarch/history` … */
export type StoreKey = Brand<string, 'StoreKey'>;
/** A replication slot's name. */
export type SlotName = Brand<string, 'SlotName'>;

const SLOT_NAME_CHARACTERS_MAX = 63;

export function memberName(text: string): MemberName {
  return text as MemberName;
}

export function leaseId(text: string): LeaseId {
  return text as LeaseId;
}

export function revision(number: bigint): Revision {
  return number as Revision;
}

export function storeKey(text: string): StoreKey {
  return text as StoreKey;
}

export function memberKey(name: MemberName): StoreKey {
  return `members/${name}` as StoreKey;
}

/** A system identifier is valid with at least ten characters, all digits (spec/dcs.md 1.3). */
export function systemId(text: string): SystemId | null {
  return /^\d{10,}$/.test(text) ? (text as SystemId) : null;
}

/** The slot that a member uses on its upstream (spec/dcs.md 1.13). */
export function slotNameOf(member: MemberName): SlotName {
  const known = slotNames.get(member);
  if (known !== undefined) return known;
  if (slotNames.size >= SLOT_NAMES_MAX) slotNames.clear();
  const name = toSlotName(member);
  slotNames.set(member, name);
  return name;
}

/** Asked for with every step; members are few. */
const slotNames = new Map<MemberName, SlotName>();
const SLOT_NAMES_MAX = 200;

function toSlotName(member: MemberName): SlotName {
  if (/^[a-z0-9_]{1,63}$/.test(member)) return slotName(member);
  let name = '';
  for (const character of member.toLowerCase()) {
    if (/[a-z0-9_]/.test(character)) name += character;
    else if (character === '-' || character === '.') name += '_';
    else name += `u${String(character.codePointAt(0) ?? 0).padStart(4, '0')}`;
  }
  return name.slice(0, SLOT_NAME_CHARACTERS_MAX) as SlotName;
}

export function slotName(text: string): SlotName {
  return text as SlotName;
}
