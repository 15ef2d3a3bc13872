import type { WalEnd } from '../world/facts.ts';
import type { ClusterFiles } from './directory.ts';
import type { Follower } from './follower.ts';
import type { Instance } from './instance.ts';
import type { Surroundings } from './surroundings.ts';
import { parseSyncRule, type SyncRule, syncedUpTo } from './sync-commit.ts';
import type { UpstreamLink } from './upstream-link.ts';
import { writtenBy } from './write-load.ts';

/**
 * Where the WAL ends, as clients write it or an upstream sends it, and up to where clients were told that their commits
 * are done.
 */
export class ClientWrites {
  readonly #at: Surroundings;
  readonly #instance: Instance;
  readonly #link: UpstreamLink;
  readonly #followers: () => readonly Follower[];
  #areOn = false;
  #settledAt = 0;
  #syncNames = '';
  #syncRule: SyncRule | null = null;
  /** Commits wait at all: the checkpointer has read that there are names. */
  #isWaiting = false;
  /** As of the last `settle`. */
  #acknowledgedUpTo = 0;
  #acknowledgedSince = 0;
  #acknowledgedEnd: WalEnd | null = null;

  constructor(parts: {
    readonly at: Surroundings;
    readonly instance: Instance;
    readonly link: UpstreamLink;
    readonly followers: () => readonly Follower[];
  }) {
    this.#at = parts.at;
    this.#instance = parts.instance;
    this.#link = parts.link;
    this.#followers = parts.followers;
  }

  /** They are acknowledged, or would be if the server did not stand still. */
  get areOn(): boolean {
    return this.#areOn;
  }

  get areAcknowledged(): boolean {
    return this.#areOn && this.#at.actor.state === 'running';
  }

  /** `synchronous_standby_names` in force, as text. */
  get syncNames(): string {
    return this.#syncNames;
  }

  /** The same as it works. */
  get syncRule(): SyncRule | null {
    return this.#syncRule;
  }

  /** All that is written, or what enough standbys have received. */
  get acknowledgedPosition(): number {
    return this.areAcknowledged ? Math.max(this.#acknowledgedUpTo, this.#synced()) : this.#acknowledgedUpTo;
  }

  /** The same as an end of WAL, of the last time that this was a primary. */
  get acknowledgedEnd(): WalEnd | null {
    this.#noteAcknowledged();
    return this.#acknowledgedEnd;
  }

  /** Where the WAL ends now. */
  get position(): number {
    return this.positionAt(this.#at.kernel.now);
  }

  /** @param hops how many servers the question came through: servers may stream from each other in a ring. */
  positionAt(time: number, hops = 0): number {
    const base = this.#instance.files?.position ?? 0;
    const received = hops > HOPS_MAX ? null : this.#link.receivedAt(time, hops);
    if (received !== null) return Math.max(base, received);
    if (!this.areAcknowledged) return base;
    return base + this.#written(this.#settledAt, Math.max(time, this.#settledAt));
  }

  /** Turn the position of this moment into files; called before whatever it depends on changes. */
  settle(): void {
    this.#noteAcknowledged();
    this.#acknowledgedUpTo = this.acknowledgedPosition;
    const { position } = this;
    const { files } = this.#instance;
    if (files !== null && position !== files.position) this.#instance.write({ position });
    this.#settledAt = this.#at.kernel.now;
  }

  /** The last WAL of an upstream that stops in order. */
  receiveUpTo(position: number): void {
    this.settle();
    const { files } = this.#instance;
    if (files !== null && position > files.position) this.#instance.write({ position });
  }

  /** A standby's word, whatever it has: commits that wait for it are done. */
  heardOf(word: { readonly name: string; readonly flushed: number }): void {
    this.settle();
    const heard = [{ ...word, hasCaughtUp: true }];
    if (this.areAcknowledged) this.#acknowledgedUpTo = Math.max(this.#acknowledgedUpTo, this.#synced(heard));
    this.#noteAcknowledged();
  }

  /** How far a standby that was here at a moment had said it was: its word comes one delay after it has something. */
  heardBy(time: number, position: number): number {
    return this.#areOn ? position - this.#written(time - this.#at.settings.replicationDelayMs, time) : position;
  }

  /** Who is waited for from now on, if commits wait; what was written until now is settled by the caller. */
  waitFor(syncNames: string): void {
    this.#syncNames = syncNames;
    this.#syncRule = parseSyncRule(syncNames);
    if (this.#instance.server.kind === 'primary') this.#tellNames();
  }

  /** The checkpointer has read the names: where there are none commits wait for nobody, else they wait. */
  namesAreRead(): void {
    this.settle();
    this.#isWaiting = this.#syncRule !== null;
    if (this.#instance.server.kind === 'primary') this.#tellNames();
  }

  /** A primary accepts its first ones. Nobody has a role, or anything to write into, before its cluster is finished. */
  begin(files: ClusterFiles): void {
    if (files.isUnfinished) return;
    this.#settledAt = this.#at.kernel.now;
    this.#areOn = true;
    this.#acknowledgedUpTo = files.position;
    this.#acknowledgedSince = files.position;
    this.#tellNames();
    this.#at.emit({ kind: 'acknowledges', host: this.#at.host, branch: files.branch });
  }

  /** Nothing was written while the server stood still. */
  skipStandstill(): void {
    this.#settledAt = this.#at.kernel.now;
  }

  /** No more of them, until it is primary again. */
  end(): void {
    if (!this.#areOn) return;
    this.settle();
    this.#areOn = false;
    this.#at.emit({ kind: 'falls-quiet', host: this.#at.host });
  }

  #noteAcknowledged(): void {
    const { branch } = this.#instance;
    const { acknowledgedPosition: position } = this;
    // What a promotion or a recovery wrote is no client's.
    if (!this.areAcknowledged || branch === null || position <= this.#acknowledgedSince) return;
    this.#acknowledgedEnd = { host: this.#at.host, branch, position };
  }

  /** A standby's word that it has received so much comes one delay after it has. */
  #synced(words: Parameters<typeof syncedUpTo>[1] = []): number {
    const rule = this.#syncRule;
    const { position } = this;
    if (!this.#isWaiting) return position;
    if (rule === null) return Number.NEGATIVE_INFINITY;
    const { kernel, settings } = this.#at;
    const late = this.#written(kernel.now - settings.replicationDelayMs, kernel.now);
    const broken = this.#instance.brokenConnections.all;
    const standbys = this.#followers().map(({ applicationName: name, link, position: received }) => {
      const { lastHeard } = link;
      if (lastHeard === null) return { name, hasCaughtUp: link.hasCaughtUp, flushed: received - late };
      const { hasCaughtUp, heardAt, position: told } = lastHeard;
      return { name, hasCaughtUp, flushed: this.heardBy(heardAt, told) };
    });
    const lost = broken.map(({ applicationName: name, hasCaughtUp, position: flushed }) => ({
      name,
      hasCaughtUp,
      flushed,
    }));
    return Math.min(position, syncedUpTo(rule, [...lost, ...standbys, ...words]));
  }

  /** What clients write meanwhile, in bytes of WAL. */
  #written(from: number, to: number): number {
    const load = this.#at.settings.writeLoad;
    return Math.floor(writtenBy(load, to) - writtenBy(load, from));
  }

  #tellNames(): void {
    this.#at.emit({ kind: 'names-in-force', host: this.#at.host, rule: this.#isWaiting ? this.#syncRule : null });
  }
}

const HOPS_MAX = 8;
