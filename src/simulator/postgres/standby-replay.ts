import type { ClientWrites } from './client-writes.ts';
import type { Instance } from './instance.ts';
import { Replay } from './replay.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** How far this server has replayed what it has, and who holds that back. */
export class StandbyReplay {
  readonly #parts: ReplayParts;
  readonly #replay = new Replay();

  constructor(parts: ReplayParts) {
    this.#parts = parts;
  }

  get position(): number {
    return this.positionIn(this.#parts.writes.position);
  }

  /** The same of somebody who has asked already how much is here. */
  positionIn(received: number): number {
    return this.#replay.positionAt(this.#now, received);
  }

  get isPaused(): boolean {
    return this.#replay.isPaused;
  }

  /** pg_wal_replay_pause: it goes on receiving over the connection that it has, and makes no other. */
  pause(): void {
    const { instance, writes } = this.#parts;
    if (instance.server.kind !== 'standby' || instance.standstills.any) return;
    this.#replay.pause(this.#now, writes.position);
  }

  resume(): void {
    if (!this.#replay.isPaused) return;
    this.#replay.resume(this.#now);
    this.#parts.link.replayResumed();
  }

  /** How long until all that is here is replayed. */
  catchesUpIn(): number {
    return this.#replay.catchesUpIn(this.#now, this.#parts.writes.position);
  }

  /** The next server, or the next timeline, knows of no pause. */
  restart(): void {
    this.#replay.restart();
  }

  get #now(): number {
    return this.#parts.at.kernel.now;
  }
}

type ReplayParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
};
