import { slotChanges } from '../../src/decide/slot-changes.ts';
import { type SlotName, slotName } from '../../src/domain/names.ts';
import type { Slot } from '../../src/domain/postgres-report.ts';
import { isSlotChange } from '../../src/domain/slot-change.ts';
import { earlier, seconds } from '../../src/domain/time.ts';
import type { Difference, Situation } from './observations.ts';
import { HEAD, NOW, position, primaryAnswer, standbyAnswer } from './observed-parts.ts';
import { physicalSlot, slotNames, unusedSlot } from './slots.ts';

/** `null`: nothing is to be done, or nothing is known. */
export const changes = ({ o, m }: Situation) => {
  const found = slotChanges(o, m);
  const change = found === null ? null : { ...found, verify: null };
  return change === null || !isSlotChange(change) ? null : change;
};
export const onPrimary = (...more: readonly Slot[]) => ({
  server: primaryAnswer({ slots: [physicalSlot('b'), physicalSlot('c'), ...more] }),
});
export const onStandby = (...more: readonly Slot[]) => ({
  server: standbyAnswer({ slots: [physicalSlot('a'), unusedSlot('c'), ...more] }),
});
/** What the leader publishes. */
export const publishes = (slots: Readonly<Record<string, typeof HEAD>>, retain: readonly string[] = []) => ({
  status: {
    lastLsn: HEAD,
    slots: new Map<SlotName, typeof HEAD>(Object.entries(slots).map(([name, at]) => [slotName(name), at])),
    retainSlots: slotNames(...retain),
  },
});
export const awayFor = (span: number): Difference => ({
  members: { c: null },
  memory: { slotSeen: new Map([[slotName('c'), earlier(NOW, seconds(span))]]) },
});
export const early = position('0/1000000');
export const middle = position('0/2000000');
