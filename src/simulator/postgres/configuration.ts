import type { DesiredPostgres, DesiredStandby } from '../../domain/desired-postgres.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { ClientWrites } from './client-writes.ts';
import { type DiskSpace, NO_SPACE } from './disk-space.ts';
import type { Instance } from './instance.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** What the configuration files say the server should be, and when it heeds them: at its start and at a reload. */
export class Configuration {
  readonly #parts: ConfigurationParts;
  #desired: DesiredPostgres | null = null;

  constructor(parts: ConfigurationParts) {
    this.#parts = parts;
  }

  get standby(): DesiredStandby | null {
    return this.#desired?.standby ?? null;
  }

  /** The files that a server starts with. */
  begin(desired: DesiredPostgres): void {
    const { checkpointer, writes } = this.#parts;
    this.#desired = desired;
    this.#readSyncNames();
    checkpointer.begin();
    writes.namesAreRead();
  }

  /** Files are written at once; a server that stands still reads them when it goes on. */
  change(desired: DesiredPostgres): TaskOutcome {
    const { at, disk } = this.#parts;
    if (disk.isFull) return { kind: 'failed', reason: NO_SPACE };
    this.#desired = desired;
    at.later(0, 'SIGHUP', () => this.#reload());
    return { kind: 'done' };
  }

  #reload(): void {
    const { instance, link, writes, checkpointer } = this.#parts;
    const { standby } = this;
    // Whoever was waited for until now counts up to now.
    writes.settle();
    this.#readSyncNames();
    checkpointer.reload(() => writes.namesAreRead());
    const { kind } = instance.server;
    if (kind === 'standby' || (kind === 'starting' && link.wanted !== null)) link.follow(standby);
  }

  #readSyncNames(): void {
    this.#parts.writes.waitFor(this.#desired?.parameters['synchronous_standby_names'] ?? '');
  }
}

type ConfigurationParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
  readonly checkpointer: Checkpointer;
  readonly disk: DiskSpace;
};
