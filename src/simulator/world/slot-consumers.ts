import { isJsonObject } from '../../domain/json.ts';
import { type SlotName, slotName } from '../../domain/names.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomStream } from '../kernel/random-stream.ts';
import type { PostgresModel } from '../postgres/postgres-model.ts';
import { drawSpan, type Settings, type Span } from './settings.ts';

/**
 * Whoever reads the changes of the permanent logical slots: now and then from the leader, all that is there. Where the
 * leader has no such slot it gets nothing, and tries again.
 */
export function startConsumers(world: Databases): void {
  for (const name of logicalSlots(world.settings)) poll(world, name, world.kernel.random(`consumer ${name}`));
}

function poll(world: Databases, name: SlotName, stream: RandomStream): void {
  world.kernel.after(drawSpan(stream, POLLS), null, 'consumer', () => {
    world.leader()?.postgres.slots.consume(name);
    poll(world, name, stream);
  });
}

function logicalSlots(settings: Settings): readonly SlotName[] {
  return Object.entries(settings.slots).flatMap(([name, options]) =>
    isJsonObject(options) && options['type'] === 'logical' ? [slotName(name)] : [],
  );
}

/** The world, as far as a consumer goes. */
type Databases = {
  readonly kernel: Kernel;
  readonly settings: Settings;
  leader(): { readonly postgres: PostgresModel } | null;
};

const POLLS: Span = { from: 100, to: 1_500 };
