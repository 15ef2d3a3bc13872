import type { ClientWrites } from './client-writes.ts';
import type { Instance } from './instance.ts';
import { Replay } from './replay.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** How far this server has replayed what it has, and who holds that back. */
export class StandbyReplay {
  readonly #parts: ReplayParts;
  readonly #replay = new Replay();
  /** Somebody connects as soon as all is replayed. */
  #isAwaited = false;

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

  /** What lay here when the server was started is not replayed yet, or it is paused: how far it goes nobody can ask. */
  get isOnOldWal(): boolean {
    const { instance, link } = this.#parts;
    const { files } = instance;
    return !link.hasReceived && files !== null && (this.isPaused || this.positionIn(files.position) < files.position);
  }

  /** Connections are made by the process that replays, once it has replayed what is here. */
  get makesNoConnection(): boolean {
    const received = this.#parts.writes.position;
    return this.isPaused || this.isOnOldWal || this.positionIn(received) < received;
  }

  /**
   * A standby accepts connections as soon as it is consistent, which its control file says: what it had replayed, or
   * received, beyond that is replayed meanwhile.
   */
  begin(from: number): void {
    const { at, instance } = this.#parts;
    const to = instance.files?.position ?? 0;
    if (from >= to) return;
    const span = at.draw('replay of old WAL', at.settings.crashRecovery);
    this.#replay.begin(this.#now, { from, to, span });
    this.connectOnceReplayed();
  }

  /** A stream begins: what comes over it is replayed at a speed of its own. */
  streamBegan(): void {
    const { at, writes } = this.#parts;
    const { replay } = at.settings;
    if (replay !== null) this.#replay.goesAt(at.draw('replay speed', replay), this.#now, writes.position);
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
    this.connectOnceReplayed();
  }

  /** Whoever resumes a pause says so again. */
  connectOnceReplayed(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    const { at, link } = this.#parts;
    at.later(Math.ceil(this.catchesUpIn()) + 1, 'old WAL is replayed', () => {
      this.#isAwaited = false;
      if (this.isPaused) return;
      if (this.makesNoConnection) this.connectOnceReplayed();
      else link.replayResumed();
    });
  }

  /** How long until all that is here is replayed. */
  catchesUpIn(): number {
    return this.#replay.catchesUpIn(this.#now, this.#parts.writes.position);
  }

  /** The next server, or the next timeline, knows of no pause. */
  restart(): void {
    this.#isAwaited = false;
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
