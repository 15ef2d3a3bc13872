import type { Span } from '../world/settings.ts';
import type { Instance } from './instance.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * The process that makes checkpoints. It alone tells the others whether commits wait for anybody at all, and while it is at
 * a checkpoint that is urgent, or waits for the disk, it reads no configuration.
 */
export class Checkpointer {
  readonly #at: Surroundings;
  readonly #instance: Instance;
  #isBusy = false;
  #onceItReads: () => void = () => undefined;

  constructor({ at, instance }: { readonly at: Surroundings; readonly instance: Instance }) {
    this.#at = at;
    this.#instance = instance;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** It starts, and reads the files as they are. */
  begin(): void {
    this.#isBusy = false;
  }

  /** It is told of other files. `reads`: at once, or when it comes to it. */
  reload(reads: () => void): void {
    this.#onceItReads = reads;
    if (this.#isBusy) return;
    this.#isBusy = this.#at.kernel.random('busy checkpointer').chance(this.#at.settings.busyCheckpointer);
    if (this.#isBusy) this.#endsIn(this.#at.draw('busy checkpointer', BUSY), this.#instance.postmaster.pid);
    else reads();
  }

  /** A promotion does not end it, nor does it go on while all processes stand still. */
  #endsIn(span: number, pid: number): void {
    this.#at.kernel.after(span, null, 'the checkpointer reads its configuration', () => {
      const { server, postmaster, standstills } = this.#instance;
      if (!this.#isBusy || server.kind === 'down' || postmaster.pid !== pid) return;
      if (standstills.any) {
        this.#endsIn(BUSY.from, pid);
        return;
      }
      this.#isBusy = false;
      this.#onceItReads();
      this.#instance.notify();
    });
  }
}

/** How long writing and syncing takes that does not pause in between. */
const BUSY: Span = { from: 50, to: 20_000 };
