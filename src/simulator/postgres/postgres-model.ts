import type { DesiredPostgres, Upstream } from '../../domain/desired-postgres.ts';
import type { SystemId } from '../../domain/names.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import type { Actor } from '../kernel/actor.ts';
import type { RivalEnd, WalEnd } from '../world/facts.ts';
import type { Place } from '../world/network.ts';
import type { BrokenConnection, LastWord } from './broken-connections.ts';
import type { Crashes } from './crashes.ts';
import type { ClusterFiles, Directory } from './directory.ts';
import type { Server } from './server.ts';
import { type ServerParts, serverParts } from './server-parts.ts';
import type { ServerSlots } from './server-slots.ts';
import type { StandbyReplay } from './standby-replay.ts';
import type { Standstill } from './standstill.ts';
import type { SurroundingsOptions } from './surroundings.ts';
import type { SyncRule } from './sync-commit.ts';
import type { UpstreamLink } from './upstream-link.ts';
import { cameTo, type WalBranch } from './wal-branch.ts';

/**
 * One node's PostgreSQL: its files, its processes, its WAL. Positions are computed from intervals, never stepped.
 * Nothing here decides: what the real server would do to the same request is what it does, and no more. Each question
 * is answered by one part.
 */
export class PostgresModel {
  readonly host: Place;
  /** Every process of the data directory; a new life begins whenever they all have ended. */
  readonly actor: Actor;
  readonly link: UpstreamLink;
  readonly slots: ServerSlots;
  readonly replay: StandbyReplay;
  /** What goes wrong with it by itself. */
  readonly crashes: Crashes;
  readonly #parts: ServerParts;
  readonly #resolve: (upstream: Upstream) => PostgresModel | null;
  #isToolRunning = false;

  constructor(options: PostgresModelOptions) {
    const { others } = options;
    const followers = (): readonly PostgresModel[] => others().filter((other) => other.link.upstream === this);
    this.#parts = serverParts({ ...options, owner: this, followers });
    this.host = options.host;
    this.actor = this.#parts.at.actor;
    this.link = this.#parts.link;
    this.slots = this.#parts.slots;
    this.replay = this.#parts.replay;
    this.crashes = this.#parts.crashes;
    this.#resolve = options.resolve;
  }

  get directory(): Directory {
    return this.#parts.instance.directory;
  }

  get files(): ClusterFiles | null {
    return this.#parts.instance.files;
  }

  /** As the server that it streams from knows it. */
  get applicationName(): string {
    return this.link.wanted?.upstream?.applicationName ?? this.host;
  }

  get branch(): WalBranch | null {
    return this.#parts.instance.branch;
  }

  /** Nothing more can be written to the disk. */
  get isDiskFull(): boolean {
    return this.#parts.disk.isFull;
  }

  get server(): Server {
    return this.#parts.instance.server;
  }

  /** Changes whenever connections to the server break. */
  get serverLife(): number {
    return this.#parts.instance.life;
  }

  /** initdb, pg_basebackup, pg_rewind or a single-user server works in the directory: to a look it is an orphan. */
  get isToolRunning(): boolean {
    return this.#isToolRunning;
  }

  /** Those that it takes for standbys that stream. */
  get brokenConnections(): readonly BrokenConnection[] {
    return this.#parts.instance.brokenConnections.all;
  }

  get acknowledges(): boolean {
    return this.#parts.writes.areAcknowledged;
  }

  /** `synchronous_standby_names` in force, as text. */
  get syncNames(): string {
    return this.#parts.writes.syncNames;
  }

  /** At a checkpoint, it reads no configuration. */
  get isCheckpointerBusy(): boolean {
    return this.#parts.checkpointer.isBusy;
  }

  /** The same as it works. */
  get syncRule(): SyncRule | null {
    return this.#parts.writes.syncRule;
  }

  /** Up to where clients were told that their commits are done: what a synchronous mode promises is judged by this. */
  get acknowledgedPosition(): number {
    return this.#parts.writes.acknowledgedPosition;
  }

  /** Up to where it told clients that their commits are done, as the last primary that it was. */
  get acknowledgedEnd(): WalEnd | null {
    return this.#parts.writes.acknowledgedEnd;
  }

  /** It acknowledges writes, or would if it did not stand still. */
  get hasWriters(): boolean {
    return this.#parts.writes.areOn;
  }

  get acceptsConnections(): boolean {
    return this.#parts.instance.acceptsConnections;
  }

  /** Since when its processes are there and neither answer nor break a connection; `null`: they go on. */
  get silentSince(): number | null {
    return this.#parts.standing.silentSince;
  }

  /** The disk does not answer: files can be neither read nor written. */
  get isDiskStuck(): boolean {
    return this.#parts.instance.standstills.has('disk');
  }

  get position(): number {
    return this.#parts.writes.position;
  }

  /** @param hops how many servers the question came through: servers may stream from each other in a ring. */
  positionAt(time: number, hops = 0): number {
    return this.#parts.writes.positionAt(time, hops);
  }

  /** Where the WAL of a standby that runs ends; `null`: it is none. */
  standbyEnd(): RivalEnd | null {
    const { branch, host, position } = this;
    if (this.server.kind !== 'standby' || branch === null) return null;
    const hasGrown = this.link.hasGrownWithin(LATELY_MS);
    return { host, branch: cameTo(branch, position), position, ...(hasGrown && { hasGrown }) };
  }

  resolve(upstream: Upstream): PostgresModel | null {
    return this.#resolve(upstream);
  }

  /** Told, at once, of everything that a look would show. */
  onChange(listener: () => void): () => void {
    return this.#parts.instance.onChange(listener);
  }

  toolRuns(isRunning: boolean): void {
    this.#isToolRunning = isRunning;
  }

  /** Turn the position of this moment into files; called before whatever it depends on changes. */
  settle(): void {
    this.#parts.writes.settle();
  }

  /** initdb: a new cluster on timeline 1, not started, and marked as unfinished. */
  createCluster(systemId: SystemId): void {
    this.#parts.startUp.createCluster(systemId);
  }

  /** The cluster that was created is one from now on. */
  finishCluster(): void {
    this.#parts.startUp.finish();
  }

  /** Put other files in the place of these; only while nothing runs. */
  replaceDirectory(directory: Directory): void {
    this.#parts.startUp.replaceDirectory(directory);
  }

  /** @returns why no postmaster starts; `null` when one does. It accepts connections later, or never. */
  start(desired: DesiredPostgres): string | null {
    return this.#parts.startUp.start(desired);
  }

  /** `postgres --single`: leaves a cleanly shut down directory. @returns why it does not; `null`: it does. */
  recoverInSingleUser(): string | null {
    return this.#parts.startUp.recoverInSingleUser();
  }

  /** Files are written at once; a server that stands still reads them when it goes on. */
  reconfigure(desired: DesiredPostgres): TaskOutcome {
    return this.#parts.configuration.change(desired);
  }

  /** Somebody makes room by hand: unused slots go, and the WAL that they held back. */
  dropUnusedSlots(): void {
    this.#parts.checkpoints.makeRoom();
  }

  /** Done at once; the caller has waited. */
  checkpoint(): TaskOutcome {
    return this.#parts.checkpoints.make();
  }

  /** pg_promote: takes a moment. Nothing happens unless it is a standby that accepts connections. */
  promote(): void {
    this.#parts.promotion.begin();
  }

  /** The receiver is connected: what the upstream's branch is, ours is. */
  streamBegan(branch: WalBranch, from: { readonly host: Place; readonly askedFor: boolean }): void {
    this.#parts.roles.streamBegan(branch, from);
  }

  /** What a standby says whose connection ends at once. */
  heardOf(word: { readonly name: string; readonly flushed: number }): void {
    this.#parts.writes.heardOf(word);
  }

  /** A standby is gone without a word. */
  losesTouch(last: LastWord): void {
    const { instance, writes } = this.#parts;
    instance.brokenConnections.add({ ...last, position: writes.heardBy(last.heardAt, last.position) });
  }

  /** The last WAL of an upstream that stops in order. */
  receiveUpTo(position: number): void {
    this.#parts.writes.receiveUpTo(position);
  }

  /** SIGINT */
  fastStop(): void {
    this.#parts.stops.fast();
  }

  /** SIGQUIT: no checkpoint, so that the next start needs recovery. */
  immediateStop(): void {
    this.#parts.stops.immediate();
  }

  /** SIGKILL of every process of the data directory. Whoever waits for the disk is gone when that answers. */
  killEverything(): void {
    this.#parts.ending.killEverything();
  }

  /** The machine goes off. */
  losePower(): void {
    this.#parts.ending.losePower();
  }

  /** Nobody is answered, and no connection breaks. */
  freeze(why: Standstill): void {
    this.#parts.standing.freeze(why);
  }

  /** One reason to stand still is gone; they go on when it was the last. */
  thaw(why: Standstill): void {
    this.#parts.standing.thaw(why);
  }
}

type PostgresModelOptions = SurroundingsOptions & {
  readonly resolve: (upstream: Upstream) => PostgresModel | null;
  /** All other servers, to tell those that stream from this one. */
  readonly others: () => readonly PostgresModel[];
};

/** What members answer each other takes less than this. */
const LATELY_MS = 500;
