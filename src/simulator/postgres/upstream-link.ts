import type { DesiredStandby, Upstream } from '../../domain/desired-postgres.ts';
import type { SlotName } from '../../domain/names.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Network, Place } from '../world/network.ts';
import { drawSpan, type Span } from '../world/settings.ts';
import type { LastWord } from './broken-connections.ts';
import { CatchUp } from './catch-up.ts';
import type { ClusterFiles } from './directory.ts';
import { partsWithinSegment, seemsToFollow, type WalBranch } from './wal-branch.ts';
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
  readonly #catchUp: Span | null;
  #wanted: DesiredStandby | null = null;
  #stream: Stream | null = null;
  #lastAttempt = -Infinity;
  #attempt = 0;
  #hasReceived = false;
  /** What the source was on when it was asked for. */
  #branchThen: WalBranch | null = null;
  #lastHeard: Heard | null = null;
  /** Over the last connection. */
  #grewUntil = -Infinity;
  /** Somebody wants another source, and the one that connects is paused. */
  #isOutdated = false;

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly owner: WalReceiverOwner;
    readonly delayMs: number;
    /** Bytes of WAL in a millisecond, drawn for each connection; `null`: all that there is at once. */
    readonly catchUp: Span | null;
  }) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#owner = options.owner;
    this.#delayMs = options.delayMs;
    this.#catchUp = options.catchUp;
    this.#network.onChange({ after: () => this.#pathChanged() });
  }

  get upstream(): WalSource | null {
    return this.#stream?.from ?? null;
  }

  /** Since the server started, as PostgreSQL says it (`receiveLsn`): it has asked somebody for WAL. */
  get hasReceived(): boolean {
    return this.#hasReceived;
  }

  /** Since when the source hears nothing over the present connection, and what was here then; `null`: it does. */
  get lastHeard(): Heard | null {
    return this.#lastHeard;
  }

  get wanted(): DesiredStandby | null {
    return this.#wanted;
  }

  /** That of the present connection, which a receiver that was not ended yet has in place of the wanted one. */
  get usedSlot(): SlotName | null {
    return this.#stream?.slot ?? null;
  }

  /** Does WAL arrive now? A cut connection still looks like a stream until it times out. */
  get isFlowing(): boolean {
    const stream = this.#stream;
    if (stream === null || !isAsItWas(stream)) return false;
    if (this.#owner.actor.state !== 'running') return false;
    return this.#network.delivers(stream.from.host, this.#owner.host);
  }

  /** How far the upstream's WAL has come to us at `time`; `null` when nothing arrives. */
  receivedAt(time: number, hops: number): number | null {
    const stream = this.#stream;
    if (stream === null || !this.isFlowing) return null;
    return Math.min(stream.from.positionAt(time - this.#delayMs, hops + 1), stream.catchUp.limitAt(time));
  }

  /** It has had all that its upstream has: from then on that one's walsender is `streaming`, and before in `catchup`. */
  get hasCaughtUp(): boolean {
    return this.catchesUpIn === 0;
  }

  /** How long until then, if nothing more is written. */
  get catchesUpIn(): number {
    const stream = this.#stream;
    if (stream === null) return 0;
    const { now } = this.#kernel;
    return stream.catchUp.reachesIn(stream.from.positionAt(now - this.#delayMs, 1), now);
  }

  /** Has it received more than usual within `span`, because it was behind? Also over a connection that it has ended since. */
  hasGrownWithin(span: number): boolean {
    const { now } = this.#kernel;
    const stood = this.#stream === null ? now - this.#grewUntil : this.#standsFor();
    return stood < span;
  }

  /** For how long it may have had all that its upstream has. */
  #standsFor(): number {
    const stream = this.#stream;
    if (stream === null || !this.isFlowing) return Number.POSITIVE_INFINITY;
    const { now } = this.#kernel;
    return stream.catchUp.reachedFor(stream.from.positionAt(now - this.#delayMs, 1), now);
  }

  /** A changed upstream or slot restarts the receiver at once. */
  follow(wanted: DesiredStandby | null): void {
    const unchanged = sameSource(this.#wanted, wanted);
    this.#wanted = wanted;
    if (!unchanged) this.#branchThen = this.#source()?.branch ?? null;
    if (unchanged && this.#stream !== null) return;
    if (this.#owner.replay.makesNoConnection) this.#waitForReplay();
    else this.#connectAnew();
  }

  /** Connections are made by the process that replays: what it has missed it does now. */
  replayResumed(): void {
    if (this.#isOutdated || this.#stream === null) this.#connectAnew();
  }

  #waitForReplay(): void {
    this.#isOutdated = true;
    this.#owner.replay.connectOnceReplayed();
  }

  #connectAnew(): void {
    this.#isOutdated = false;
    this.disconnect();
    this.#lastAttempt = -Infinity;
    this.#tryAfter(0);
  }

  /** The receiver's process ends; the server starts another one. */
  receiverEnds(): void {
    if (this.#stream !== null) this.#reconnect();
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
    stream.catchUp.hold(this.#kernel.now);
    this.#kernel.after(RECEIVER_TIMEOUT_MS, this.#owner.actor, 'walreceiver timeout', () => {
      if (this.#stream === stream && from.actor.state === 'frozen') this.#reconnect();
    });
  }

  /** Whoever sent nothing, or took nothing, goes on over the connection that there is. */
  goesOn(): void {
    const stream = this.#stream;
    if (stream !== null && this.isFlowing && stream.from.actor.state === 'running')
      stream.catchUp.goOn(this.#kernel.now, this.#owner.position);
  }

  /** Nothing of what is on its way counts before somebody says that it goes on. */
  standsStill(): void {
    this.#stream?.catchUp.hold(this.#kernel.now);
  }

  disconnect(): void {
    if (this.#stream === null) return;
    this.#stream.from.settle();
    this.#owner.settle();
    this.#grewUntil = this.#kernel.now - Math.max(0, this.#standsFor());
    const { from, serverLife, slot } = this.#stream;
    const last = this.#lastHeard;
    const { applicationName, host } = this.#owner;
    if (slot !== null) from.slots.left(slot, last?.position ?? this.#owner.position);
    this.#stream = null;
    this.#lastHeard = null;
    if (last !== null && from.serverLife === serverLife) from.losesTouch({ applicationName, host, slot, ...last });
  }

  /** Its machine loses its power, and says no word to anybody. */
  vanish(): void {
    if (this.#stream === null) return;
    this.#hushed();
    this.disconnect();
  }

  #hushed(): void {
    const { position, replay } = this.#owner;
    const replayed = replay.positionIn(position);
    this.#lastHeard ??= { heardAt: this.#kernel.now, position, replayed, hasCaughtUp: this.hasCaughtUp };
  }

  #reconnect(): void {
    this.disconnect();
    this.#tryAfter(Math.max(0, this.#lastAttempt + RETRY_MS - this.#kernel.now));
  }

  #tryAfter(delay: number): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#kernel.after(delay + CONNECT_MS, this.#owner.actor, 'walreceiver', () => {
      if (attempt !== this.#attempt || this.#stream !== null) return;
      if (this.#owner.replay.makesNoConnection) {
        this.#waitForReplay();
        return;
      }
      this.#lastAttempt = this.#kernel.now;
      // Asked for WAL, PostgreSQL says where that is to begin, whether or not anybody answers.
      if (this.#source() !== null) this.#hasReceived = true;
      const from = this.#reachableSource();
      if (from !== null && this.#mayGoOn(from)) {
        this.#connect(from);
        return;
      }
      if (from !== null) this.#giveWord(from);
      this.#tryAfter(RETRY_MS);
    });
  }

  #connect(from: WalSource): void {
    const branch = from.branch;
    if (branch === null) return;
    this.#owner.settle();
    const bytesPerMs = this.#catchUp === null ? null : this.#drawn(this.#catchUp);
    const { position } = this.#owner;
    const catchUp = new CatchUp({ position, now: this.#kernel.now, bytesPerMs });
    this.#stream = { from, serverLife: from.serverLife, branch, slot: this.#wanted?.slot ?? null, catchUp };
    this.#owner.streamBegan(branch, { host: from.host, askedFor: branch === this.#branchThen });
  }

  #drawn(speed: Span): number {
    return drawSpan(this.#kernel.random('postgres catch-up'), speed);
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
    return from;
  }

  #mayGoOn(from: WalSource): boolean {
    const { files } = this.#owner;
    const { branch, position } = from;
    return files !== null && branch !== null && seemsToFollow(files, { branch, position });
  }

  /**
   * It has parted from there within the segment that it asks for: it is sent the end of the timeline that both share, and
   * says meanwhile how far it is on its own. PostgreSQL takes that for WAL that it has received.
   */
  #giveWord(from: WalSource): void {
    const { files, applicationName, position } = this.#owner;
    if (files === null || from.branch === null || !partsWithinSegment(files, from.branch)) return;
    from.heardOf({ name: applicationName, flushed: position });
    const slot = this.#wanted?.slot ?? null;
    if (slot !== null) from.slots.left(slot, position);
  }

  /** A connection to a server that ended meanwhile is reset when the path heals; a dead path times out. */
  #pathChanged(): void {
    const stream = this.#stream;
    if (stream === null || this.#owner.actor.state === 'dead') return;
    if (this.#network.delivers(this.#owner.host, stream.from.host)) this.#lastHeard = null;
    else this.#hushed();
    if (this.#network.connects(stream.from.host, this.#owner.host)) {
      if (!isAsItWas(stream)) this.#reconnect();
      else this.goesOn();
      return;
    }
    this.standsStill();
    this.#kernel.after(RECEIVER_TIMEOUT_MS, this.#owner.actor, 'walreceiver timeout', () => {
      if (this.#stream === stream && !this.isFlowing) this.#reconnect();
    });
  }
}

/** The server at the other end lives on, and is still on the branch that it sends. */
function isAsItWas({ from, serverLife, branch }: Stream): boolean {
  return from.serverLife === serverLife && from.branch === branch;
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
  /** What a standby says whose connection ends at once. */
  heardOf(word: { readonly name: string; readonly flushed: number }): void;
  /** A standby is gone without a word. */
  losesTouch(last: LastWord): void;
  settle(): void;
};

/** The server that a receiver belongs to. */
export type WalReceiverOwner = {
  readonly host: Place;
  readonly applicationName: string;
  readonly actor: Actor;
  readonly files: ClusterFiles | null;
  readonly position: number;
  readonly replay: {
    readonly makesNoConnection: boolean;
    positionIn(received: number): number;
    connectOnceReplayed(): void;
  };
  settle(): void;
  resolve(upstream: Upstream): WalSource | null;
  /** `askedFor`: the source was on this branch already when the receiver was told to stream from it. */
  streamBegan(branch: WalBranch, from: { readonly host: Place; readonly askedFor: boolean }): void;
};

/** The present connection. */
type Stream = {
  readonly from: WalSource;
  readonly serverLife: number;
  readonly branch: WalBranch;
  readonly slot: SlotName | null;
  readonly catchUp: CatchUp;
};

type Heard = Pick<LastWord, 'heardAt' | 'position' | 'replayed' | 'hasCaughtUp'>;

function sameSource(a: DesiredStandby | null, b: DesiredStandby | null): boolean {
  if (a === null || b === null) return a === b;
  return a.slot === b.slot && a.upstream?.host === b.upstream?.host && a.upstream?.port === b.upstream?.port;
}

const CONNECT_MS = 8;
/** PostgreSQL's default `wal_retrieve_retry_interval`. */
const RETRY_MS = 5000;
/** PostgreSQL's default `wal_receiver_timeout`. */
const RECEIVER_TIMEOUT_MS = 60_000;
