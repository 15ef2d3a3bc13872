import type { Upstream } from './desired-postgres.ts';
import type { Lsn } from './lsn.ts';
import type { SlotName } from './names.ts';

/**
 * What is to be done to the slots of the own server: what goes comes first. Each on its own, whatever becomes of the
 * others. A slot in use is never touched.
 */
export type SlotChange = {
  readonly drop: readonly SlotName[];
  /** Physical ones whose `xmin` is stale: they keep their WAL, and hold back no vacuum any more. */
  readonly clearXmin: readonly SlotName[];
  /** Physical ones, reserving WAL at once. */
  readonly create: readonly SlotName[];
  readonly createLogical: readonly LogicalSlot[];
  /** Physical ones. */
  readonly advance: readonly { readonly name: SlotName; readonly to: Lsn }[];
  /** On a standby, decoding what lies between: takes its time. */
  readonly advanceLogical: readonly { readonly name: SlotName; readonly database: string; readonly to: Lsn }[];
  /**
   * Logical ones on a standby: does the primary `from` keep what they need, as far as it knows of them by its slot `as`?
   * Which are safe is told with the outcome.
   */
  readonly verify: { readonly from: Upstream; readonly as: SlotName; readonly names: readonly SlotName[] } | null;
};

export type LogicalSlot = { readonly name: SlotName; readonly database: string; readonly plugin: string };

export const noSlotChange: SlotChange = {
  drop: [],
  clearXmin: [],
  create: [],
  createLogical: [],
  advance: [],
  advanceLogical: [],
  verify: null,
};

export function isSlotChange(change: SlotChange): boolean {
  const { drop, clearXmin, create, createLogical, advance, advanceLogical, verify } = change;
  const isPhysical = drop.length + clearXmin.length + create.length + advance.length > 0;
  return isPhysical || createLogical.length + advanceLogical.length > 0 || verify !== null;
}
