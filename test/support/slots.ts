import { type SlotName, slotName } from '../../src/domain/names.ts';
import type { Slot } from '../../src/domain/postgres-report.ts';
import { HEAD } from './observed-parts.ts';

/** A physical slot that somebody streams with, at the end of WAL. */
export function physicalSlot(name: string, change: Partial<Slot> = {}): Slot {
  return {
    name: slotName(name),
    type: 'physical',
    active: true,
    restartLsn: HEAD,
    confirmedFlushLsn: null,
    hasXmin: false,
    ...change,
  };
}

/** One that nobody uses at the moment. */
export function unusedSlot(name: string, change: Partial<Slot> = {}): Slot {
  return physicalSlot(name, { active: false, ...change });
}

/** A logical slot of the database `shop`, its consumer away for a moment. */
export function logicalSlot(name: string, change: Partial<Slot> = {}): Slot {
  return {
    ...unusedSlot(name),
    type: 'logical',
    confirmedFlushLsn: HEAD,
    database: 'shop',
    plugin: 'pgoutput',
    ...change,
  };
}

export function slotNames(...names: readonly string[]): readonly SlotName[] {
  return names.map(slotName);
}

/** As `slots` of the dynamic configuration has it. */
export const LOGICAL = { type: 'logical', database: 'shop', plugin: 'pgoutput' } as const;
