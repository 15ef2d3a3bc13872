import { until } from '../until.ts';
import type { World } from '../world.ts';
import { type OurProcess, signalOurs, type Where } from './our-processes.ts';

/** None of them gets to say goodbye. A child forked meanwhile is found by the next look. */
export async function killAll(
  where: Where,
  world: World,
  isMeant: (found: OurProcess) => boolean = () => true,
): Promise<void> {
  await until(world, { what: 'killed processes are gone', withinMs: 10_000, everyMs: 20 }, () =>
    Promise.resolve(signalOurs('SIGKILL', where, isMeant).length === 0 ? true : null),
  );
}
