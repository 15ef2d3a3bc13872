import type { TaskOutcome } from '../../domain/task.ts';
import type { Span } from '../world/settings.ts';
import type { ClientWrites } from './client-writes.ts';
import { checkpointed, restartpoint } from './directory.ts';
import { type DiskSpace, NO_SPACE } from './disk-space.ts';
import type { Instance } from './instance.ts';
import type { ServerSlots } from './server-slots.ts';
import type { StandbyReplay } from './standby-replay.ts';
import type { Surroundings } from './surroundings.ts';

/** When this server makes a checkpoint, and what that changes. */
export class Checkpoints {
  readonly #parts: CheckpointParts;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
  }

  /** Done at once; the caller has waited. */
  make(): TaskOutcome {
    const { at, instance, writes, disk, slots } = this.#parts;
    if (!instance.acceptsConnections || instance.files === null)
      return { kind: 'failed', reason: 'the server does not answer' };
    if (disk.isFull) return { kind: 'failed', reason: NO_SPACE };
    if (instance.server.kind !== 'primary') return { kind: 'done' };
    writes.settle();
    const { branch } = instance.files;
    instance.write(checkpointed(instance.files));
    slots.removeOldWal(at.settings.walKeepBytes);
    at.emit({ kind: 'checkpointed', host: at.host, branch });
    return { kind: 'done' };
  }

  /** Those of a primary, and the restartpoints of a standby, that come with time. */
  comeWithTime(): void {
    const { at, instance, writes } = this.#parts;
    at.later(at.draw('timed checkpoint', CHECKPOINT_TIMEOUT), 'timed checkpoint', () => {
      writes.settle();
      if (instance.server.kind === 'primary') this.make();
      else if (instance.server.kind === 'standby') this.#restartpoint();
      this.comeWithTime();
    });
  }

  #restartpoint(): void {
    const { at, instance, slots, replay } = this.#parts;
    if (instance.files === null) return;
    instance.write({ checkpoint: restartpoint(instance.files, replay.position) });
    slots.removeOldWal(at.settings.walKeepBytes);
  }

  /** The one that a promoted server makes by itself. */
  comesAfterPromotion(): void {
    const { at } = this.#parts;
    at.later(at.draw('lazy checkpoint', LAZY_CHECKPOINT), 'lazy checkpoint', () => this.make());
  }

  /** Somebody makes room by hand: unused slots are dropped, and a checkpoint removes what they held back. */
  makeRoom(): void {
    const { instance, slots } = this.#parts;
    if (!instance.acceptsConnections) return;
    slots.dropUnused();
    this.make();
    slots.removeOldWal(0);
  }
}

type CheckpointParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly writes: ClientWrites;
  readonly disk: DiskSpace;
  readonly slots: ServerSlots;
  readonly replay: StandbyReplay;
};

/** PostgreSQL's default `checkpoint_timeout` is five minutes; a busy server makes one sooner. */
const CHECKPOINT_TIMEOUT: Span = { from: 60_000, to: 300_000 };
/** It is spread over its time. */
const LAZY_CHECKPOINT: Span = { from: 20_000, to: 60_000 };
