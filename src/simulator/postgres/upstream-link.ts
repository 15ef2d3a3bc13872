import type { DesiredStandby, Upstream } from '../../domain/desired-postgres.ts';
import type { SlotName } from '../../domain/names.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Network, Place } from '../world/network.ts';
import type { ClusterFiles } from './directory.ts';
import { seemsToFollow, type WalBranch } from './wal-branch.ts';
import { stillHas } from './wal-retention.ts';

/**
 * A standby's WAL receiver: who it streams from, since when, and when it tries again. The position follows the
 * upstream's with a small delay, computed when somebody asks.
 */
export class UpstreamLink {
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #owner: WalReceiverOwner;
  readonly #delayMs: number;
  #wanted: DesiredStandby | null = null;
  #stream: { readonly from: WalSource; readonly serverLife: number } | null = null;
  #lastAttempt = -Infinity;
  #attempt = 0;
  #hasReceived = false;
  /** What the source was on when it was asked for. */
  #branchThen: WalBranch | null = null;
  /** Somebody wants another source, and the one that connects is paused. */
  #isOutdated = false;

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly owner: WalReceiverOwner;
    readonly delayMs: number;
  }) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#owner = options.owner;
    this.#delayMs = options.delayMs;
    this.#network.onChange({ after: () => this.#pathChanged() });
  }

  get upstream(): WalSource | null {
    return this.#stream?.from ?? null;
  }

  /** Since the server started. */
  get hasReceived(): boolean {
    return this.#hasReceived;
  }

  get wanted(): DesiredStandby | null {
    return this.#wanted;
  }

  /** Does WAL arrive now? A cut connection still looks like a stream until it times out. */
  get isFlowing(): boolean {
    const stream = this.#stream;
    if (stream === null || stream.from.serverLife !== stream.serverLife) return false;
    if (this.#owner.actor.state !== 'running') return false;
    return this.#network.delivers(stream.from.host, this.#owner.host);
  }

  /** How far the upstream's WAL has come to us at `time`; `null` when nothing arrives. */
  receivedAt(time: number, hops: number): number | null {
    return this.isFlowing ? (this.#stream?.from.positionAt(time - this.#delayMs, hops + 1) ?? null) : null;
  }

  /** A changed upstream or slot restarts the receiver at once. */
  follow(wanted: DesiredStandby | null): void {
    const unchanged = sameSource(this.#wanted, wanted);
    this.#wanted = wanted;
    if (!unchanged) this.#branchThen = this.#source()?.branch ?? null;
    if (unchanged && this.#stream !== null) return;
    if (this.#owner.replay.makesNoConnection) this.#isOutdated = true;
    else this.#connectAnew();
  }

  /** Connections are made by the process that replays: what it has missed it does now. */
  replayResumed(): void {
    if (this.#isOutdated || this.#stream === null) this.#connectAnew();
  }

  #connectAnew(): void {
    this.#isOutdated = false;
    this.disconnect();
    this.#lastAttempt = -Infinity;
    this.#tryAfter(0);
  }

  /** The server ends, or is no standby any more. */
  stop(): void {
    this.disconnect();
    this.#attempt += 1;
    this.#wanted = null;
    this.#hasReceived = false;
    this.#isOutdated = false;
  }

  /** The upstream's server ended, was promoted, or changed its branch: what we hold is a dead connection. */
  upstreamChanged(from: WalSource): void {
    if (this.#stream?.from !== from) return;
    if (this.#network.connects(from.host, this.#owner.host)) this.#reconnect();
  }

  /** Its processes stand still: a connection to it looks alive until it times out. */
  upstreamIsSilent(from: WalSource): void {
    const stream = this.#stream;
    if (stream?.from !== from) return;
    this.#kernel.after(RECEIVER_TIMEOUT_MS, this.#owner.actor, 'walreceiver timeout', () => {
      if (this.#stream === stream && from.actor.state === 'frozen') this.#reconnect();
    });
  }

  disconnect(): void {
    if (this.#stream === null) return;
    this.#stream.from.settle();
    this.#owner.settle();
    const slot = this.#wanted?.slot ?? null;
    if (slot !== null) this.#stream.from.slots.left(slot, this.#owner.position);
    this.#stream = null;
  }

  #reconnect(): void {
    this.disconnect();
    this.#tryAfter(Math.max(0, this.#lastAttempt + RETRY_MS - this.#kernel.now));
  }

  #tryAfter(delay: number): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#kernel.after(delay + CONNECT_MS, this.#owner.actor, 'walreceiver', () => {
      if (attempt !== this.#attempt || this.#stream !== null || this.#owner.replay.makesNoConnection) return;
      this.#lastAttempt = this.#kernel.now;
      const from = this.#reachableSource();
      if (from === null) this.#tryAfter(RETRY_MS);
      else this.#connect(from);
    });
  }

  #connect(from: WalSource): void {
    const branch = from.branch;
    if (branch === null) return;
    this.#owner.settle();
    this.#stream = { from, serverLife: from.serverLife };
    this.#hasReceived = true;
    this.#owner.streamBegan(branch, { host: from.host, askedFor: branch === this.#branchThen });
  }

  #source(): WalSource | null {
    const upstream = this.#wanted?.upstream ?? null;
    return upstream === null ? null : this.#owner.resolve(upstream);
  }

  /** `null` where PostgreSQL would log why and try again later. */
  #reachableSource(): WalSource | null {
    const from = this.#source();
    if (from === null || from.host === this.#owner.host || !this.#network.connects(this.#owner.host, from.host))
      return null;
    const { files } = this.#owner;
    const source = from.files;
    if (!from.acceptsConnections || files === null || source === null || files.systemId !== source.systemId)
      return null;
    const slot = this.#wanted?.slot ?? null;
    if (slot !== null && !from.slots.isFree(slot)) return null;
    if (!stillHas(source.walFrom, files.position)) {
      this.#kernel.note(this.#owner.host, () => `the WAL it needs has been removed from ${from.host}`);
      return null;
    }
    return seemsToFollow(files, { branch: source.branch, position: from.position }) ? from : null;
  }

  /** A connection to a server that ended meanwhile is reset when the path heals; a dead path times out. */
  #pathChanged(): void {
    const stream = this.#stream;
    if (stream === null || this.#owner.actor.state === 'dead') return;
    if (this.#network.connects(stream.from.host, this.#owner.host)) {
      if (stream.from.serverLife !== stream.serverLife) this.#reconnect();
      return;
    }
    this.#kernel.after(RECEIVER_TIMEOUT_MS, this.#owner.actor, 'walreceiver timeout', () => {
      if (this.#stream === stream && !this.isFlowing) this.#reconnect();
    });
  }
}

/** A server that WAL may come from, as far as its receivers are concerned. */
export type WalSource = {
  readonly host: Place;
  readonly actor: Actor;
  readonly serverLife: number;
  readonly acceptsConnections: boolean;
  readonly branch: WalBranch | null;
  readonly files: ClusterFiles | null;
  readonly position: number;
  readonly slots: { isFree(name: SlotName): boolean; left(name: SlotName, position: number): void };
  positionAt(time: number, hops: number): number;
  settle(): void;
};

/** The server that a receiver belongs to. */
export type WalReceiverOwner = {
  readonly host: Place;
  readonly actor: Actor;
  readonly files: ClusterFiles | null;
  readonly position: number;
  readonly replay: { readonly makesNoConnection: boolean };
  settle(): void;
  resolve(upstream: Upstream): WalSource | null;
  /** `askedFor`: the source was on this branch already when the receiver was told to stream from it. */
  streamBegan(branch: WalBranch, from: { readonly host: Place; readonly askedFor: boolean }): void;
};

function sameSource(a: DesiredStandby | null, b: DesiredStandby | null): boolean {
  if (a === null || b === null) return a === b;
  return a.slot === b.slot && a.upstream?.host === b.upstream?.host && a.upstream?.port === b.upstream?.port;
}

const CONNECT_MS = 8;
/** PostgreSQL's default `wal_retrieve_retry_interval`. */
const RETRY_MS = 5000;
/** PostgreSQL's default `wal_receiver_timeout`. */
const RECEIVER_TIMEOUT_MS = 60_000;
