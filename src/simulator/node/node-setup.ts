import { Defect } from '../../domain/invariant.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { PostgresModel } from '../postgres/postgres-model.ts';
import type { StoreModel } from '../store/store-model.ts';
import type { Fact } from '../world/facts.ts';
import type { HostClock } from '../world/host-clock.ts';
import type { Network, Place } from '../world/network.ts';
import type { Settings } from '../world/settings.ts';
import type { Machines, Stepper } from './machines.ts';
import type { WatchdogModel } from './watchdog-model.ts';

/** What the processes of one node have around them. */
export type NodeSetup = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly settings: Settings;
  readonly store: StoreModel;
  readonly place: Place;
  readonly clock: HostClock;
  readonly postgres: PostgresModel;
  readonly watchdog: WatchdogModel;
  readonly machines: Machines;
  readonly emit: (fact: Fact) => void;
  /** The servers of all other nodes. */
  readonly otherServers: () => readonly PostgresModel[];
};

/** A defect ends the step with no effect, as the drivers have it; here it is a fact besides. */
export function guardedStep<Event, Effect>(
  setup: NodeSetup,
  actor: string,
  step: Stepper<Event, Effect>,
): Stepper<Event, Effect> {
  return (event) => {
    try {
      return step(event);
    } catch (failure) {
      if (!(failure instanceof Error)) throw failure;
      const { message } = failure;
      setup.kernel.note(`${setup.place} ${actor}`, () => `DEFECT ${failure.stack ?? message}`);
      setup.emit({
        kind: 'defect',
        host: setup.place,
        actor,
        message: failure instanceof Defect ? message : `${failure.name}: ${message}`,
      });
      return [];
    }
  };
}
