import { Checkpointer } from './checkpointer.ts';
import { Checkpoints } from './checkpoints.ts';
import { ClientWrites } from './client-writes.ts';
import { Configuration } from './configuration.ts';
import { Crashes } from './crashes.ts';
import { DiskSpace } from './disk-space.ts';
import { Ending } from './ending.ts';
import type { Follower } from './follower.ts';
import { Instance } from './instance.ts';
import { Promotion, type Rival } from './promotion.ts';
import { Roles } from './roles.ts';
import { ServerSlots } from './server-slots.ts';
import { StandbyReplay } from './standby-replay.ts';
import { StandingStill } from './standing-still.ts';
import { StartUp } from './start-up.ts';
import { Stops } from './stops.ts';
import { StuckBackend } from './stuck-backend.ts';
import { Surroundings, type SurroundingsOptions } from './surroundings.ts';
import { UpstreamLink, type WalReceiverOwner, type WalSource } from './upstream-link.ts';

/** Everything that one server is made of: each part knows only those that are made before it. */
export function serverParts(options: PartsOptions): ServerParts {
  const { others, followers, owner } = options;
  const at = new Surroundings(options);
  const { kernel, network, settings } = at;
  const instance = new Instance({ at, followers, source: owner });
  const { replicationDelayMs: delayMs, catchUp } = settings;
  const link = new UpstreamLink({ kernel, network, owner, delayMs, catchUp });
  const disk = new DiskSpace();
  const stuckBackend = new StuckBackend(at.actor);
  const writes = new ClientWrites({ at, instance, link, followers });
  const replay = new StandbyReplay({ at, instance, link, writes });
  const slots = new ServerSlots({ at, instance, link, writes, replay, disk, followers });
  const checkpoints = new Checkpoints({ at, instance, writes, disk, slots, replay });
  const checkpointer = new Checkpointer({ at, instance });
  const configuration = new Configuration({ at, instance, link, writes, checkpointer, disk });
  const ending = new Ending({ at, instance, link, writes, replay, stuckBackend });
  const standing = new StandingStill({ at, instance, link, writes, ending });
  const common = { at, instance, link, writes, replay, disk, slots, checkpoints, configuration, stuckBackend, ending };
  const roles = new Roles(common);
  const promotion = new Promotion({ ...common, roles, standing, others });
  const startUp = new StartUp({ ...common, roles });
  const stops = new Stops({ ...common, standing, followers });
  const crashes = new Crashes({ ...common, roles });
  network.onChange({ before: () => writes.settle() });
  return { ...common, checkpointer, standing, roles, promotion, startUp, stops, crashes };
}

type PartsOptions = SurroundingsOptions & {
  /** The server as those know it that it streams from, or that stream from it. */
  readonly owner: WalReceiverOwner & WalSource;
  readonly others: () => readonly Rival[];
  readonly followers: () => readonly Follower[];
};

/** In the order of its making. */
export type ServerParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly disk: DiskSpace;
  readonly stuckBackend: StuckBackend;
  readonly writes: ClientWrites;
  readonly replay: StandbyReplay;
  readonly slots: ServerSlots;
  readonly checkpoints: Checkpoints;
  readonly checkpointer: Checkpointer;
  readonly configuration: Configuration;
  readonly ending: Ending;
  readonly standing: StandingStill;
  readonly roles: Roles;
  readonly promotion: Promotion;
  readonly startUp: StartUp;
  readonly stops: Stops;
  readonly crashes: Crashes;
};
