import type { Span } from '../world/settings.ts';
import type { ClientWrites } from './client-writes.ts';
import { restartpoint, shutDown } from './directory.ts';
import type { DiskSpace } from './disk-space.ts';
import type { Ending } from './ending.ts';
import type { Follower } from './follower.ts';
import type { Instance } from './instance.ts';
import type { StandbyReplay } from './standby-replay.ts';
import type { StandingStill } from './standing-still.ts';
import type { StuckBackend } from './stuck-backend.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** How a server ends that is told to. */
export class Stops {
  readonly #parts: StopParts;

  constructor(parts: StopParts) {
    this.#parts = parts;
  }

  /** Backends end soon; then a checkpoint, the last WAL to whoever streams, and the end. */
  fast(): void {
    const { at, instance, link, writes, stuckBackend, standing } = this.#parts;
    const { server } = instance;
    if (server.kind === 'down' || server.kind === 'orphaned' || server.kind === 'stopping') return;
    if (standing.holdsBack('SIGINT', () => this.fast())) return;
    const wasPrimary = server.kind === 'primary';
    const { pid, startedAt } = server;
    const wait = at.draw('stop', at.settings.stop) + (wasPrimary ? this.#unsentWalWait() : 0);
    if (!wasPrimary) link.stop();
    instance.become({ kind: 'stopping', pid, startedAt, was: wasPrimary ? 'primary' : 'standby' });
    instance.changed('stops');
    at.later(Math.min(wait, at.draw('backends end', BACKENDS_END)), 'backends end', () =>
      stuckBackend.onceEnded(() => writes.end()),
    );
    at.later(wait, 'stopped', () => stuckBackend.onceEnded(() => this.#finish(wasPrimary)));
  }

  /** No checkpoint: the next start needs recovery. Whoever does not end by SIGQUIT is killed by the postmaster. */
  immediate(): void {
    const { at, instance, writes, stuckBackend, ending, standing } = this.#parts;
    const { kind } = instance.server;
    if (kind === 'down' || kind === 'orphaned') return;
    if (standing.holdsBack('SIGQUIT', () => this.immediate())) return;
    instance.quit();
    const wait = at.draw('immediate stop', IMMEDIATE_STOP);
    at.later(wait, 'backends quit', () => writes.end());
    at.later(wait + stuckBackend.killedAfterMs, 'stopped at once', () => ending.killEverything());
  }

  #finish(wasPrimary: boolean): void {
    const { writes, ending } = this.#parts;
    writes.end();
    writes.settle();
    if (wasPrimary) this.#writeLastCheckpoint();
    else this.#noteReplay();
    this.#endOnceSent(() => ending.end());
  }

  /** The files say that it is stopped before the last process is gone: who streams gets all WAL first, however long that takes. */
  #endOnceSent(end: () => void): void {
    const { at, followers } = this.#parts;
    const streaming = followers().filter(({ link }) => link.isFlowing);
    const wait = Math.max(0, ...streaming.map(({ link }) => link.catchesUpIn));
    if (wait === 0) at.later(at.draw('last process', LAST_PROCESS), 'stopped', end);
    else at.later(Math.min(Math.ceil(wait), SENT_POLL_MS), 'all is sent', () => this.#endOnceSent(end));
  }

  /** Without its checkpoint a primary ends as if it had crashed. */
  #writeLastCheckpoint(): void {
    const { instance, disk, followers } = this.#parts;
    if (instance.files === null || disk.isFull) return;
    const level = followers().filter(({ link }) => link.isFlowing && link.hasCaughtUp);
    const files = shutDown(instance.files);
    instance.replace({ ...files, kind: 'cluster' });
    for (const follower of level) follower.receiveUpTo(files.position);
  }

  #noteReplay(): void {
    const { instance, replay } = this.#parts;
    const { files } = instance;
    // Stopped in crash recovery it notes nothing but that it was stopped.
    if (files?.state === 'in crash recovery') instance.write({ state: 'shut down in recovery', minRecoveryEnd: null });
    if (files?.signal !== 'standby' || files.state === 'in crash recovery') return;
    const minRecoveryEnd = Math.max(files.minRecoveryEnd ?? 0, replay.position);
    const checkpoint = restartpoint(files, replay.position);
    instance.write({ state: 'shut down in recovery', minRecoveryEnd, checkpoint });
  }

  /** A stop in order waits for followers whose connection does not move, until it times out. */
  #unsentWalWait(): number {
    const { followers, instance } = this.#parts;
    const isStuck = followers().some((follower) => !follower.link.isFlowing);
    return isStuck ? SENDER_TIMEOUT_MS : instance.brokenConnections.lastFor;
  }
}

type StopParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
  readonly replay: StandbyReplay;
  readonly disk: DiskSpace;
  readonly stuckBackend: StuckBackend;
  readonly ending: Ending;
  readonly standing: StandingStill;
  readonly followers: () => readonly Follower[];
};

const BACKENDS_END: Span = { from: 1, to: 60 };
const IMMEDIATE_STOP: Span = { from: 5, to: 40 };
const LAST_PROCESS: Span = { from: 1, to: 30 };
const SENT_POLL_MS = 500;
/** PostgreSQL's default `wal_sender_timeout`. */
const SENDER_TIMEOUT_MS = 60_000;
