import type { Lsn } from '../domain/lsn.ts';
import type { SlotName } from '../domain/names.ts';

/**
 * A slot that should exist here. `target`: where it may be moved on to, as far as the leader tells; `null`: it stays
 * where it is. `expectedActive`: somebody streams with it here when all is well.
 */
export type WantedSlot = (Wanted & { readonly kind: 'physical'; readonly expectedActive: boolean }) | WantedLogicalSlot;

export type WantedLogicalSlot = Wanted & {
  readonly kind: 'logical';
  readonly database: string;
  readonly plugin: string;
};

type Wanted = { readonly name: SlotName; readonly target: Lsn | null };
