import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { noSlotChange, type SlotChange } from '../domain/slot-change.ts';
import { promiseInForce } from './failsafe-promise.ts';
import { slotChanges } from './slot-changes.ts';

/**
 * The store says nothing, and this standby has left the lead to whoever asked: slots are moved on to where that leader said
 * that its own are, so that no WAL piles up here. Nothing is made, dropped or copied by an old picture (spec/ha.md SL22).
 */
export function slotsWithoutStore(o: Observation, m: Memory): SlotChange | null {
  const promise = promiseInForce(o, m);
  if (promise === null || o.store.kind !== 'silent' || o.store.view === null) return null;
  const { view } = o.store;
  const told = { ...o.store, view: { ...view, status: { ...view.status, slots: promise.slots } } };
  const change = slotChanges({ ...o, store: told }, m);
  return change === null ? null : { ...noSlotChange, advance: change.advance, advanceLogical: change.advanceLogical };
}
