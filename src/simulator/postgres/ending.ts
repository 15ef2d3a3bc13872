import type { ClientWrites } from './client-writes.ts';
import type { ClusterFiles } from './directory.ts';
import type { Instance } from './instance.ts';
import type { StandbyReplay } from './standby-replay.ts';
import type { StuckBackend } from './stuck-backend.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';
import { cameTo } from './wal-branch.ts';

/** How the last process of a data directory goes, and what it leaves in the files. */
export class Ending {
  readonly #parts: EndingParts;
  #isDoomed = false;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** They were killed, and end when their disk answers, before they do anything else. */
  get isDoomed(): boolean {
    return this.#isDoomed;
  }

  /** SIGKILL of every process of the data directory. Whoever waits for the disk is gone when that answers. */
  killEverything(): void {
    const { instance, writes } = this.#parts;
    if (instance.server.kind === 'down') return;
    if (instance.standstills.has('disk')) {
      this.#isDoomed = true;
      return;
    }
    instance.standstills.end('stopped');
    writes.settle();
    this.noteRecoveryEnd();
    this.end();
  }

  /** What the control file of a standby says whose replay ended without a word. */
  noteRecoveryEnd(): void {
    const { instance, replay } = this.#parts;
    const { files } = instance;
    if (files?.signal !== 'standby') return;
    instance.write({ minRecoveryEnd: this.#notedRecoveryEnd(files, replay.position) });
  }

  /** The machine goes off: nothing stands still any more, and nothing runs. */
  losePower(): void {
    const { at, instance, link } = this.#parts;
    link.vanish();
    instance.standstills.forget();
    this.#isDoomed = false;
    this.killEverything();
    at.actor.kill();
  }

  /** Every process is gone. */
  end(): void {
    const { instance, writes, stuckBackend, link, replay } = this.#parts;
    this.#isDoomed = false;
    writes.end();
    stuckBackend.forget();
    link.stop();
    const { files } = instance;
    // Of a branch that it did not come to, a server that is started knows nothing.
    if (files !== null) instance.write({ branch: cameTo(files.branch, files.position) });
    replay.restart();
    instance.become({ kind: 'down' });
    instance.newLife();
    instance.changed('is down');
  }

  /** The control file follows the replay only now and then: what a killed standby noted is less than what it has. */
  #notedRecoveryEnd(files: ClusterFiles, replayed: number): number {
    const noted = files.minRecoveryEnd ?? 0;
    if (noted >= replayed) return noted;
    const { kernel } = this.#parts.at;
    const behind = kernel.random('postgres noted recovery').between(0, 1) * NOTED_BEHIND_MAX_BYTES;
    return Math.max(noted, Math.floor(replayed - behind));
  }
}

type EndingParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
  readonly replay: StandbyReplay;
  readonly stuckBackend: StuckBackend;
};

const NOTED_BEHIND_MAX_BYTES = 500_000;
