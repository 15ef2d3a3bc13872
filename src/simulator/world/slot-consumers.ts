import { isJsonObject } from '../../domain/json.ts';
import { type SlotName, slotName } from '../../domain/names.ts';
import { drawSpan, type Settings, type Span } from './settings.ts';
import type { World } from './world.ts';

/**
 * Whoever reads the changes of the permanent logical slots: now and then from the leader, all that is there. Where the
 * leader has no such slot it gets nothing, and tries again.
 */
export function startConsumers(world: World): void {
  for (const name of logicalSlots(world.settings)) poll(world, name);
}

function poll(world: World, name: SlotName): void {
  const { kernel } = world;
  kernel.after(drawSpan(kernel.random(`consumer ${name}`), POLLS), null, 'consumer', () => {
    world.leader()?.postgres.consume(name);
    poll(world, name);
  });
}

function logicalSlots(settings: Settings): readonly SlotName[] {
  return Object.entries(settings.slots).flatMap(([name, options]) =>
    isJsonObject(options) && options['type'] === 'logical' ? [slotName(name)] : [],
  );
}

const POLLS: Span = { from: 100, to: 1_500 };
