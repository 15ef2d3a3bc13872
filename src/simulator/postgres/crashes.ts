import type { Span } from '../world/settings.ts';
import type { ClientWrites } from './client-writes.ts';
import type { DiskSpace } from './disk-space.ts';
import type { Ending } from './ending.ts';
import type { Instance } from './instance.ts';
import type { Roles } from './roles.ts';
import type { Postmaster } from './server.ts';
import type { StandbyReplay } from './standby-replay.ts';
import type { StuckBackend } from './stuck-backend.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** What becomes of a server that loses one of its processes, or its disk's last free block. */
export class Crashes {
  readonly #parts: CrashParts;

  constructor(parts: CrashParts) {
    this.#parts = parts;
  }

  /** SIGKILL of the postmaster alone: backends that are busy go on. */
  killPostmaster(): void {
    const { at, instance, link, writes, stuckBackend, ending } = this.#parts;
    const { kind } = instance.server;
    if (kind === 'down' || kind === 'orphaned') return;
    const wasPrimary = writes.areOn;
    link.stop();
    instance.become({ kind: 'orphaned', processCount: wasPrimary ? 8 : 2 });
    instance.newLife();
    instance.changed('lost its postmaster');
    const span = wasPrimary ? at.settings.orphans : IDLE_ORPHANS;
    at.later(at.draw('orphans', span), 'orphans end', () => stuckBackend.onceEnded(() => ending.killEverything()));
  }

  /** One process crashed that is not the one that replays: all sessions end, and the postmaster begins recovery anew. */
  crashBackend(): void {
    const { at, instance } = this.#parts;
    const { server } = instance;
    if (instance.standstills.any || instance.isQuitting) return;
    if (server.kind === 'primary') {
      instance.write({ state: 'in crash recovery' });
      this.#recover(server, 'primary');
    } else if (server.kind === 'standby') {
      // A receiver that ends with an error, unlike one that is killed, ends alone.
      if (at.kernel.random('postgres crashed process').chance(0.3)) this.#parts.link.receiverEnds();
      else this.#recover(server, 'standby');
    }
  }

  /** A standby accepts connections where it is consistent, and has asked nobody for WAL yet. */
  #recover(server: Postmaster, role: 'primary' | 'standby'): void {
    const { at, instance, link, writes, replay, stuckBackend, ending, roles } = this.#parts;
    const wait = stuckBackend.killedAfterMs + at.draw('crash recovery', at.settings.crashRecovery);
    writes.end();
    if (role === 'standby') {
      writes.settle();
      ending.noteRecoveryEnd();
      link.stop();
      replay.restart();
    }
    stuckBackend.forget();
    instance.newLife();
    instance.become({ kind: 'starting', pid: server.pid, startedAt: server.startedAt });
    instance.changed('a backend crashed');
    roles.afterRecovery(wait, role);
  }

  /** Soon a server that runs has no segment left to write to, and panics. */
  fillDisk(): void {
    const { at, disk } = this.#parts;
    if (disk.isFull) return;
    disk.fill();
    at.later(at.draw('last segment', LAST_SEGMENT), 'disk is full', () => this.#panic());
  }

  freeDisk(): void {
    this.#parts.disk.free();
  }

  /** A primary begins recovery, as after any crash; a standby's receiver takes all others with it. */
  #panic(): void {
    const { instance, disk, ending } = this.#parts;
    if (!disk.isFull) return;
    if (instance.server.kind === 'primary') this.crashBackend();
    else if (instance.server.kind === 'standby') ending.killEverything();
  }

  /** A backend does not react to an orderly stop, until `unstickBackend` or SIGKILL. */
  stickBackend(): void {
    const { instance, stuckBackend } = this.#parts;
    if (instance.server.kind !== 'down') stuckBackend.begin();
  }

  unstickBackend(): void {
    this.#parts.stuckBackend.end();
  }
}

type CrashParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
  readonly replay: StandbyReplay;
  readonly disk: DiskSpace;
  readonly stuckBackend: StuckBackend;
  readonly ending: Ending;
  readonly roles: Roles;
};

/** How long the processes of a dead postmaster last that serve no client. */
const IDLE_ORPHANS: Span = { from: 5, to: 40 };
/** How long the segments that are there already last, once the disk is full. */
const LAST_SEGMENT: Span = { from: 100, to: 20_000 };
