import type { Lsn } from './lsn.ts';
import type { SlotName } from './names.ts';

/** Physical slots to create (reserving WAL at once), to drop (only if inactive) and to advance. */
export type SlotChange = {
  readonly create: readonly SlotName[];
  readonly drop: readonly SlotName[];
  readonly advance: readonly { readonly name: SlotName; readonly to: Lsn }[];
};
