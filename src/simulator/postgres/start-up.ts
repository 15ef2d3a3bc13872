import type { DesiredPostgres } from '../../domain/desired-postgres.ts';
import type { SystemId } from '../../domain/names.ts';
import type { ClientWrites } from './client-writes.ts';
import type { Configuration } from './configuration.ts';
import { type Directory, freshCluster, isCleanlyStopped, shutDown } from './directory.ts';
import { type DiskSpace, NO_SPACE } from './disk-space.ts';
import type { Instance } from './instance.ts';
import type { Roles } from './roles.ts';
import { stateWhileStarting } from './server.ts';
import type { ServerSlots } from './server-slots.ts';
import type { Surroundings } from './surroundings.ts';
import { firstBranch } from './wal-branch.ts';

/** What is put into a data directory where nothing runs, and whether a server starts from it. */
export class StartUp {
  readonly #parts: StartParts;

  constructor(parts: StartParts) {
    this.#parts = parts;
  }

  /** initdb: a new cluster on timeline 1, not started, and marked as unfinished. */
  createCluster(systemId: SystemId): void {
    const { at, instance, slots } = this.#parts;
    instance.replace(freshCluster(systemId, firstBranch(at.host)));
    slots.clear();
    at.emit({ kind: 'cluster-created', host: at.host, systemId });
  }

  /** The mark beside the directory goes. */
  finish(): void {
    const { instance, writes } = this.#parts;
    instance.write({ isUnfinished: false });
    if (instance.server.kind === 'primary' && instance.files !== null) writes.begin(instance.files);
    instance.notify();
  }

  /** Put other files in the place of these; only while nothing runs. */
  replaceDirectory(directory: Directory): void {
    const { at, instance, slots } = this.#parts;
    instance.replace(directory);
    slots.clear();
    at.emit({ kind: 'files-replaced', host: at.host, systemId: instance.files?.systemId ?? null });
    instance.changed('files changed');
  }

  /** @returns why no postmaster starts; `null` when one does. It accepts connections later, or never. */
  start(desired: DesiredPostgres): string | null {
    const { at, instance, disk, configuration, roles } = this.#parts;
    const { files, server } = instance;
    if (files === null) return 'no cluster in the data directory';
    if (server.kind === 'orphaned') return 'pre-existing shared memory block is still in use';
    if (server.kind !== 'down') return 'another postmaster is running';
    if (files.damaged) return 'could not locate a valid checkpoint record';
    if (disk.isFull) return `could not write lock file "postmaster.pid": ${NO_SPACE}`;
    instance.newLife();
    const postmaster = instance.nextPostmaster();
    configuration.begin(desired);
    const asStandby = desired.standby !== null;
    const clean = isCleanlyStopped(files);
    const recovery = (): number => at.draw('crash recovery', at.settings.crashRecovery);
    const wait = at.draw('start', at.settings.start) + (clean ? 0 : recovery());
    instance.write({
      signal: asStandby ? 'standby' : 'none',
      state: stateWhileStarting(files, asStandby),
      // What the label says goes to the control file at once, and the label away, however far recovery comes.
      hasBackupLabel: false,
      beforeBackupEnd: files.hasBackupLabel || files.beforeBackupEnd,
    });
    instance.become({ kind: 'starting', ...postmaster });
    instance.changed('starts');
    roles.afterRecovery(wait, asStandby ? 'standby' : 'primary');
    return null;
  }

  /** `postgres --single`: leaves a cleanly shut down directory. @returns why it does not; `null`: it does. */
  recoverInSingleUser(): string | null {
    const { instance, disk } = this.#parts;
    const { files, server } = instance;
    if (files === null || server.kind !== 'down' || files.damaged) return 'cannot run in single-user mode';
    if (disk.isFull) return NO_SPACE;
    instance.replace({ ...shutDown(files), kind: 'cluster' });
    instance.changed('recovered in single-user mode');
    return null;
  }
}

type StartParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly disk: DiskSpace;
  readonly writes: ClientWrites;
  readonly slots: ServerSlots;
  readonly configuration: Configuration;
  readonly roles: Roles;
};
