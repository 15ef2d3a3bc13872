import type { DesiredPostgres, Upstream } from '../../domain/desired-postgres.ts';
import type { SlotName, SystemId } from '../../domain/names.ts';
import type { SlotChange } from '../../domain/slot-change.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Fact, FilesState, WalEnd } from '../world/facts.ts';
import type { Network, Place } from '../world/network.ts';
import { drawSpan, type Settings, type Span } from '../world/settings.ts';
import {
  CHECKPOINT_BYTES,
  type ClusterFiles,
  type Directory,
  END_OF_RECOVERY_BYTES,
  freshCluster,
  shutDown,
} from './directory.ts';
import { Replay } from './replay.ts';
import { type Server, stateWhileStarting } from './server.ts';
import { type LogicalState, type SlotOwner, Slots } from './slots.ts';
import { type Standstill, Standstills } from './standstill.ts';
import { StuckBackend } from './stuck-backend.ts';
import { parseSyncRule, type SyncRule, syncedUpTo } from './sync-commit.ts';
import { UpstreamLink } from './upstream-link.ts';
import { firstBranch, nextBranch, relation, type WalBranch } from './wal-branch.ts';
import { oldestKept, stillHas } from './wal-retention.ts';
import { writtenBy } from './write-load.ts';

/**
 * One node's PostgreSQL: its files, its processes, its WAL. Positions are computed from intervals, never stepped.
 * Nothing here decides: what the real server would do to the same request is what it does, and no more.
 */
export class PostgresModel {
  readonly host: Place;
  /** Every process of the data directory; a new life begins whenever they all have ended. */
  readonly actor: Actor;
  readonly link: UpstreamLink;
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #settings: Settings;
  readonly #emit: (fact: Fact) => void;
  readonly #resolve: (upstream: Upstream) => PostgresModel | null;
  readonly #others: () => readonly PostgresModel[];
  readonly #followers: () => readonly PostgresModel[];
  readonly #slots: Slots;
  readonly #replay = new Replay();
  readonly #listeners = new Set<() => void>();
  /** What the files say it should be: read at start and at reload. */
  #desired: DesiredPostgres | null = null;
  #directory: Directory = { kind: 'empty' };
  #server: Server = { kind: 'down' };
  #serverLife = 0;
  #isToolRunning = false;
  #acknowledging = false;
  #settledAt = 0;
  #syncNames = '';
  #syncRule: SyncRule | null = null;
  /** As of the last `settle`. */
  #acknowledgedUpTo = 0;
  #acknowledgedSince = 0;
  #acknowledgedEnd: WalEnd | null = null;
  #pid = 1000;
  readonly #standstills = new Standstills();
  /** Sent to a postmaster that stands still. */
  readonly #heldSignals: (() => void)[] = [];
  readonly #stuckBackend: StuckBackend;
  #isDoomed = false;
  #space: 'free' | 'full' = 'free';
  #silentSince = 0;

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly settings: Settings;
    readonly host: Place;
    readonly emit: (fact: Fact) => void;
    readonly resolve: (upstream: Upstream) => PostgresModel | null;
    /** All other servers, to tell those that stream from this one. */
    readonly others: () => readonly PostgresModel[];
  }) {
    this.host = options.host;
    this.actor = new Actor(`postgres ${options.host}`);
    this.actor.start();
    this.#stuckBackend = new StuckBackend(this.actor);
    this.#slots = new Slots((news) =>
      this.#emit({ kind: 'slot', host: this.host, news, replayed: this.replayPosition }),
    );
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#settings = options.settings;
    this.#emit = options.emit;
    this.#resolve = options.resolve;
    this.#others = options.others;
    this.#followers = () => options.others().filter((other) => other.link.upstream === this);
    this.link = new UpstreamLink({ ...options, owner: this, delayMs: options.settings.replicationDelayMs });
    options.network.onChange({ before: () => this.settle() });
  }

  get directory(): Directory {
    return this.#directory;
  }

  get files(): ClusterFiles | null {
    return this.#directory.kind === 'cluster' ? this.#directory : null;
  }

  /** As the server that it streams from knows it. */
  get applicationName(): string {
    return this.link.wanted?.upstream?.applicationName ?? this.host;
  }

  get branch(): WalBranch | null {
    return this.files?.branch ?? null;
  }

  /** Nothing more can be written to the disk. */
  get isDiskFull(): boolean {
    return this.#space === 'full';
  }

  /** Its slots, and how far each holds back WAL. */
  get slots(): ReturnType<Slots['all']> {
    return this.#slots.all(this.#slotOwner());
  }

  get server(): Server {
    return this.#server;
  }

  /** Changes whenever connections to the server break. */
  get serverLife(): number {
    return this.#serverLife;
  }

  /** initdb, pg_basebackup, pg_rewind or a single-user server works in the directory: to a look it is an orphan. */
  get isToolRunning(): boolean {
    return this.#isToolRunning;
  }

  get acknowledges(): boolean {
    return this.#acknowledging && this.actor.state === 'running';
  }

  /** `synchronous_standby_names` in force, as text. */
  get syncNames(): string {
    return this.#syncNames;
  }

  /** The same as it works. */
  get syncRule(): SyncRule | null {
    return this.#syncRule;
  }

  /**
   * Up to where clients were told that their commits are done: all of it, or what enough standbys have received. What
   * a synchronous mode promises is judged by this.
   */
  get acknowledgedPosition(): number {
    return this.acknowledges ? Math.max(this.#acknowledgedUpTo, this.#synced()) : this.#acknowledgedUpTo;
  }

  /** Up to where it told clients that their commits are done, as the last primary that it was. */
  get acknowledgedEnd(): WalEnd | null {
    this.#noteAcknowledged();
    return this.#acknowledgedEnd;
  }

  /** It acknowledges writes, or would if it did not stand still. */
  get hasWriters(): boolean {
    return this.#acknowledging;
  }

  get acceptsConnections(): boolean {
    return this.actor.state === 'running' && (this.#server.kind === 'primary' || this.#server.kind === 'standby');
  }

  /** Since when its processes are there and neither answer nor break a connection; `null`: they go on. */
  get silentSince(): number | null {
    const isThere = this.#server.kind !== 'down' && this.#server.kind !== 'orphaned';
    return isThere && this.#standstills.any ? this.#silentSince : null;
  }

  /** The disk does not answer: files can be neither read nor written. */
  get isDiskStuck(): boolean {
    return this.#standstills.has('disk');
  }

  get position(): number {
    return this.positionAt(this.#kernel.now);
  }

  /** @param hops how many servers the question came through: servers may stream from each other in a ring. */
  positionAt(time: number, hops = 0): number {
    const base = this.files?.position ?? 0;
    const received = hops > HOPS_MAX ? null : this.link.receivedAt(time, hops);
    if (received !== null) return Math.max(base, received);
    if (!this.acknowledges) return base;
    return base + this.#written(this.#settledAt, Math.max(time, this.#settledAt));
  }

  /** How far a standby has replayed. */
  get replayPosition(): number {
    return this.#replay.positionAt(this.#kernel.now, this.position);
  }

  get isReplayPaused(): boolean {
    return this.#replay.isPaused;
  }

  resolve(upstream: Upstream): PostgresModel | null {
    return this.#resolve(upstream);
  }

  /** Told, at once, of everything that a look would show. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  toolRuns(isRunning: boolean): void {
    this.#isToolRunning = isRunning;
  }

  /** Turn the position of this moment into files; called before whatever it depends on changes. */
  settle(): void {
    this.#noteAcknowledged();
    this.#acknowledgedUpTo = this.acknowledgedPosition;
    const { position } = this;
    if (this.files !== null && position !== this.files.position) this.#write({ position });
    this.#settledAt = this.#kernel.now;
  }

  #noteAcknowledged(): void {
    const { branch, acknowledgedPosition: position } = this;
    // What a promotion or a recovery wrote is no client's.
    if (!this.acknowledges || branch === null || position <= this.#acknowledgedSince) return;
    this.#acknowledgedEnd = { host: this.host, branch, position };
  }

  /** A standby's word that it has received so much comes one delay after it has. */
  #synced(): number {
    const rule = this.#syncRule;
    const { position } = this;
    if (rule === null) return position;
    const { now } = this.#kernel;
    const late = this.#written(now - this.#settings.replicationDelayMs, now);
    const standbys = this.#followers().map((follower) => ({
      name: follower.applicationName,
      flushed: this.#network.connects(this.host, follower.host) ? follower.position - late : -Infinity,
    }));
    return Math.min(position, syncedUpTo(rule, standbys));
  }

  /** What clients write meanwhile, in bytes of WAL. */
  #written(from: number, to: number): number {
    const load = this.#settings.writeLoad;
    return Math.floor(writtenBy(load, to) - writtenBy(load, from));
  }

  /** initdb: a new cluster on timeline 1, not started. */
  createCluster(systemId: SystemId): void {
    this.#directory = freshCluster(systemId, firstBranch(this.host));
    this.#slots.clear();
    this.#emit({ kind: 'cluster-created', host: this.host, systemId });
  }

  /** Put other files in the place of these; only while nothing runs. */
  replaceDirectory(directory: Directory): void {
    this.#directory = directory;
    this.#slots.clear();
    this.#emit({ kind: 'files-replaced', host: this.host, systemId: this.files?.systemId ?? null });
    this.#changed('files changed');
  }

  /** @returns why no postmaster starts; `null` when one does. It accepts connections later, or never. */
  start(desired: DesiredPostgres): string | null {
    const { files } = this;
    if (files === null) return 'no cluster in the data directory';
    if (this.#server.kind === 'orphaned') return 'pre-existing shared memory block is still in use';
    if (this.#server.kind !== 'down') return 'another postmaster is running';
    if (files.damaged) return 'could not locate a valid checkpoint record';
    if (this.isDiskFull) return `could not write lock file "postmaster.pid": ${NO_SPACE}`;
    this.#newLife();
    this.#pid += 1;
    this.#desired = desired;
    this.#readSyncNames();
    const asStandby = desired.standby !== null;
    const clean = files.state === 'shut down' || files.state === 'shut down in recovery';
    const wait = this.#draw('start', this.#settings.start) + (clean ? 0 : this.#recoveryTime());
    this.#write({ signal: asStandby ? 'standby' : 'none', state: stateWhileStarting(files, asStandby) });
    this.#server = { kind: 'starting', pid: this.#pid, startedAt: this.#kernel.now };
    this.#changed('starts');
    this.#later(wait, 'recovered', () => {
      if (this.#server.kind !== 'starting') return;
      if (this.isDiskFull) this.killEverything();
      else if (asStandby) this.#becomeStandby();
      else this.#becomePrimary({ minRecoveryEnd: null });
    });
    return null;
  }

  /** Files are written at once; a server that stands still reads them when it goes on. */
  reconfigure(desired: DesiredPostgres): TaskOutcome {
    if (this.isDiskFull) return { kind: 'failed', reason: NO_SPACE };
    this.#desired = desired;
    this.#later(0, 'SIGHUP', () => this.#reload());
    return { kind: 'done' };
  }

  #reload(): void {
    const standby = this.#desired?.standby ?? null;
    // Whoever was waited for until now counts up to now.
    this.settle();
    this.#readSyncNames();
    if (this.#server.kind === 'standby' || (this.#server.kind === 'starting' && this.link.wanted !== null)) {
      this.link.follow(standby);
    }
  }

  #readSyncNames(): void {
    this.#syncNames = this.#desired?.parameters['synchronous_standby_names'] ?? '';
    this.#syncRule = parseSyncRule(this.#syncNames);
    if (this.#server.kind === 'primary') this.#emit({ kind: 'names-in-force', host: this.host, rule: this.#syncRule });
  }

  manageSlots(change: SlotChange): TaskOutcome {
    if (this.isDiskFull && change.create.length > 0) return { kind: 'failed', reason: NO_SPACE };
    const outcome = this.#slots.change(change, this.#slotOwner());
    const safeSlots = change.verify === null || !this.link.isFlowing ? [] : change.verify.names;
    const isJudged = safeSlots.length > 0 && (outcome.kind === 'done' || outcome.kind === 'failed');
    return isJudged ? { ...outcome, safeSlots } : outcome;
  }

  hasSlot(name: SlotName): boolean {
    return this.#slots.has(name);
  }

  /** `null`: there is no such slot, or it is of no use: the WAL that it needs is gone. */
  logicalSlot(name: SlotName): LogicalState | null {
    const state = this.#slots.logical(name);
    return state === null || !stillHas(this.files?.walFrom ?? 0, state.confirmed) ? null : state;
  }

  /** A consumer of a logical slot has got everything up to here. */
  consume(name: SlotName): void {
    const state = this.logicalSlot(name);
    if (state === null || !this.acknowledges || this.branch === null) return;
    const { confirmed: from } = state;
    const to = this.acknowledgedPosition;
    this.#slots.confirm(name, to);
    this.#emit({ kind: 'slot-consumed', host: this.host, branch: this.branch, name, from, to: Math.max(from, to) });
  }

  /** Their files were written; only while nothing runs. */
  putSlots(states: readonly LogicalState[]): void {
    for (const state of states) this.#slots.put(state);
  }

  /** A follower's connection is gone; it had come so far. */
  slotLeft(name: SlotName, position: number): void {
    this.#slots.left(name, position);
  }

  /** Somebody makes room by hand: unused slots are dropped, and a checkpoint removes what they held back. */
  dropUnusedSlots(): void {
    if (!this.acceptsConnections) return;
    this.#slots.dropUnused(this.#slotOwner());
    this.checkpoint();
    this.#removeOldWal(0);
  }

  #slotOwner(): SlotOwner {
    const users = new Map(this.#followers().map((follower) => [follower.link.wanted?.slot ?? null, follower]));
    const { walFrom = 0, checkpoint } = this.files ?? {};
    return {
      isPrimary: this.#server.kind === 'primary',
      position: this.position,
      replayed: this.replayPosition,
      walFrom,
      reservesFrom: Math.max(walFrom, checkpoint?.at ?? 0),
      usedAt: (name) => users.get(name)?.position ?? null,
    };
  }

  #removeOldWal(keepBytes: number): void {
    const { files, slots } = this;
    if (files === null) return;
    const { walFrom: from, position: to } = files;
    // A standby's checkpoints are those that it replays: in the model, where it stands.
    const checkpointAt = files.signal === 'standby' ? to : files.checkpoint.at;
    this.#write({ walFrom: oldestKept({ from, to, checkpointAt, keepBytes, slots }) });
  }

  /** The checkpoints of a primary, and the restartpoints of a standby, that come with time. */
  #checkpointsNowAndThen(): void {
    this.#later(this.#draw('timed checkpoint', CHECKPOINT_TIMEOUT), 'timed checkpoint', () => {
      this.settle();
      if (this.#server.kind === 'primary') this.checkpoint();
      else if (this.#server.kind === 'standby') this.#removeOldWal(this.#settings.walKeepBytes);
      this.#checkpointsNowAndThen();
    });
  }

  /** pg_promote: takes a moment. Nothing happens unless it is a standby that accepts connections. */
  promote(): void {
    if (this.#server.kind !== 'standby' || this.#reachesLater('promote', () => this.promote())) return;
    const rivals = this.#others().flatMap((other) => other.standbyEnd() ?? []);
    if (this.branch !== null)
      this.#emit({ kind: 'promoting', host: this.host, branch: this.branch, position: this.position, rivals });
    // A promotion ends a pause; what was received is replayed first.
    this.resumeReplay();
    const replays = this.#replay.catchesUpIn(this.#kernel.now, this.position);
    this.#later(replays + this.#draw('promote', this.#settings.promote), 'promoted', () => {
      if (this.#server.kind !== 'standby' || this.files === null) return;
      if (this.isDiskFull) {
        this.killEverything();
        return;
      }
      this.link.stop();
      this.settle();
      // Nothing of the new branch comes over the old one's connections.
      this.#newLife();
      this.#replay.restart();
      const branch = nextBranch(this.files.branch, { position: this.files.position, madeBy: this.host });
      this.#write({ branch, position: this.files.position + END_OF_RECOVERY_BYTES });
      this.#becomePrimary({ minRecoveryEnd: this.files.position });
      const acknowledged = [this, ...this.#others()].flatMap((each) => each.acknowledgedEnd ?? []);
      this.#emit({ kind: 'promoted', host: this.host, branch, acknowledged });
      this.#later(this.#draw('lazy checkpoint', LAZY_CHECKPOINT), 'lazy checkpoint', () => this.checkpoint());
    });
  }

  /** pg_wal_replay_pause: it goes on receiving over the connection that it has, and makes no other. */
  pauseReplay(): void {
    if (this.#server.kind !== 'standby' || this.#standstills.any) return;
    this.#replay.pause(this.#kernel.now, this.position);
  }

  resumeReplay(): void {
    if (!this.#replay.isPaused) return;
    this.#replay.resume(this.#kernel.now);
    this.link.replayResumed();
  }

  /** Where the WAL of a standby that runs ends; `null`: it is none. */
  standbyEnd(): WalEnd | null {
    const { branch, host, position } = this;
    return this.#server.kind === 'standby' && branch !== null ? { host, branch, position } : null;
  }

  /** A checkpoint that is done at once; the caller has waited. */
  checkpoint(): TaskOutcome {
    if (!this.acceptsConnections || this.files === null)
      return { kind: 'failed', reason: 'the server does not answer' };
    if (this.isDiskFull) return { kind: 'failed', reason: NO_SPACE };
    if (this.#server.kind !== 'primary') return { kind: 'done' };
    this.settle();
    const { position, branch } = this.files;
    const end = position + CHECKPOINT_BYTES;
    this.#write({ position: end, checkpoint: { at: position, end, branch }, minRecoveryEnd: null });
    this.#removeOldWal(this.#settings.walKeepBytes);
    this.#emit({ kind: 'checkpointed', host: this.host, branch });
    return { kind: 'done' };
  }

  /** Backends end soon; then a checkpoint, the last WAL to whoever streams, and the end. */
  fastStop(): void {
    const server = this.#server;
    if (server.kind === 'down' || server.kind === 'orphaned' || server.kind === 'stopping') return;
    if (this.#reachesLater('SIGINT', () => this.fastStop())) return;
    const wasPrimary = server.kind === 'primary';
    const { pid, startedAt } = server;
    const wait = this.#draw('stop', this.#settings.stop) + (wasPrimary ? this.#unsentWalWait() : 0);
    if (!wasPrimary) this.link.stop();
    this.#server = { kind: 'stopping', pid, startedAt, was: wasPrimary ? 'primary' : 'standby' };
    this.#changed('stops');
    this.#later(Math.min(wait, this.#draw('backends end', BACKENDS_END)), 'backends end', () =>
      this.#stuckBackend.onceEnded(() => this.#fallQuiet()),
    );
    this.#later(wait, 'stopped', () => this.#stuckBackend.onceEnded(() => this.#finishStop(wasPrimary)));
  }

  #finishStop(wasPrimary: boolean): void {
    this.#fallQuiet();
    this.settle();
    if (wasPrimary) this.#stopPrimary();
    else if (this.files?.signal === 'standby') this.#stopStandby(this.files);
    // The files say so a moment before the last process is gone.
    this.#later(this.#draw('last process', LAST_PROCESS), 'stopped', () => this.#end());
  }

  /** No checkpoint: the next start needs recovery. Whoever does not end by SIGQUIT is killed by the postmaster. */
  immediateStop(): void {
    if (this.#server.kind === 'down' || this.#server.kind === 'orphaned') return;
    if (this.#reachesLater('SIGQUIT', () => this.immediateStop())) return;
    const wait = this.#draw('immediate stop', IMMEDIATE_STOP);
    this.#later(wait, 'backends quit', () => this.#fallQuiet());
    this.#later(wait + this.#untilStuckIsKilled(), 'stopped at once', () => this.killEverything());
  }

  /** SIGKILL of the postmaster alone: backends that are busy go on. */
  killPostmaster(): void {
    const server = this.#server;
    if (server.kind === 'down' || server.kind === 'orphaned') return;
    const wasPrimary = this.#acknowledging;
    this.link.stop();
    this.#server = { kind: 'orphaned', processCount: wasPrimary ? 8 : 2 };
    this.#newLife();
    this.#changed('lost its postmaster');
    const span = wasPrimary ? this.#settings.orphans : IMMEDIATE_STOP;
    this.#later(this.#draw('orphans', span), 'orphans end', () =>
      this.#stuckBackend.onceEnded(() => this.killEverything()),
    );
  }

  /** SIGKILL of every process of the data directory. Whoever waits for the disk is gone when that answers. */
  killEverything(): void {
    if (this.#server.kind === 'down') return;
    if (this.#standstills.has('disk')) {
      this.#isDoomed = true;
      return;
    }
    this.#standstills.end('stopped');
    this.settle();
    const { files } = this;
    if (files !== null && files.signal === 'standby') {
      this.#write({ minRecoveryEnd: this.#notedRecoveryEnd(files, this.replayPosition) });
    }
    this.#end();
  }

  /** A backend crashed: all sessions end, recovery, and on it goes under the same postmaster. */
  crashBackend(): void {
    const server = this.#server;
    if (server.kind !== 'primary' || this.#standstills.any) return;
    const wait = this.#untilStuckIsKilled() + this.#recoveryTime();
    this.#fallQuiet();
    this.#stuckBackend.forget();
    this.#newLife();
    this.#write({ state: 'in crash recovery' });
    this.#server = { kind: 'starting', pid: server.pid, startedAt: server.startedAt };
    this.#changed('a backend crashed');
    this.#later(wait, 'recovered', () => {
      if (this.#server.kind !== 'starting') return;
      // Recovery ends with a checkpoint, and without one everything ends.
      if (this.isDiskFull) this.killEverything();
      else this.#becomePrimary({ minRecoveryEnd: null });
    });
  }

  /** Soon a server that runs has no segment left to write to, and panics. */
  fillDisk(): void {
    if (this.isDiskFull) return;
    this.#space = 'full';
    this.#later(this.#draw('last segment', LAST_SEGMENT), 'disk is full', () => this.#panic());
  }

  freeDisk(): void {
    this.#space = 'free';
  }

  /** A primary begins recovery, as after any crash; a standby's receiver takes all others with it. */
  #panic(): void {
    if (!this.isDiskFull) return;
    if (this.#server.kind === 'primary') this.crashBackend();
    else if (this.#server.kind === 'standby') this.killEverything();
  }

  /** `postgres --single`: leaves a cleanly shut down directory. @returns why it does not; `null`: it does. */
  recoverInSingleUser(): string | null {
    if (this.files === null || this.#server.kind !== 'down' || this.files.damaged)
      return 'cannot run in single-user mode';
    if (this.isDiskFull) return NO_SPACE;
    this.#directory = { ...shutDown(this.files), kind: 'cluster' };
    this.#changed('recovered in single-user mode');
    return null;
  }

  /** A backend does not react to an orderly stop, until `unstickBackend` or SIGKILL. */
  stickBackend(): void {
    if (this.#server.kind !== 'down') this.#stuckBackend.begin();
  }

  unstickBackend(): void {
    this.#stuckBackend.end();
  }

  /** Nobody is answered, and no connection breaks. */
  freeze(why: Standstill): void {
    if (why === 'stopped' && this.#server.kind === 'down') return;
    const stoodStill = this.#standstills.any;
    this.#standstills.begin(why);
    if (stoodStill || this.actor.state !== 'running') return;
    this.settle();
    this.actor.freeze();
    this.#silentSince = this.#kernel.now;
    if (this.#acknowledging) this.#emit({ kind: 'falls-quiet', host: this.host });
    for (const follower of this.#followers()) follower.link.upstreamIsSilent(this);
  }

  thaw(why: Standstill): void {
    if (!this.#standstills.end(why) || this.#standstills.any || this.actor.state !== 'frozen') return;
    this.#settledAt = this.#kernel.now;
    // A process that was killed while it waited ends before it does anything else.
    if (this.#isDoomed) {
      this.killEverything();
      return;
    }
    this.#kernel.thaw(this.actor);
    for (const deliver of this.#heldSignals.splice(0)) deliver();
    if (this.#acknowledging && this.branch !== null) {
      this.#emit({ kind: 'acknowledges', host: this.host, branch: this.branch, afterStandstill: true });
    }
    this.#notify();
  }

  losePower(): void {
    this.#standstills.forget();
    this.#isDoomed = false;
    this.killEverything();
    this.actor.kill();
  }

  /** The receiver is connected: what the upstream's branch is, ours is. */
  streamBegan(branch: WalBranch, from: { readonly host: Place; readonly askedFor: boolean }): void {
    if (this.files !== null && this.files.branch !== branch) {
      if (relation(this.files, branch) === 'diverged') {
        const { host, askedFor } = from;
        this.#emit({
          kind: 'follows-another-history',
          host: this.host,
          from: host,
          timeline: branch.timeline,
          askedFor,
        });
      }
      this.#write({ branch });
      this.#tellFollowers();
    }
    this.#kernel.note(this.host, () => `streams from ${this.link.upstream?.host ?? '?'} on ${branch.timeline}`);
    this.#notify();
    this.#later(this.#draw('consistency', IMMEDIATE_STOP), 'consistent', () => this.#openWhenConsistent());
  }

  /** A promotion leaves its mark in the control file until the first checkpoint. */
  #becomePrimary({ minRecoveryEnd }: { readonly minRecoveryEnd: number | null }): void {
    const { files } = this;
    if (files === null) return;
    const pid = this.#pid;
    this.#settledAt = this.#kernel.now;
    this.#write({ state: 'in production', signal: 'none', minRecoveryEnd, hasBackupLabel: false });
    this.#server = { kind: 'primary', pid, startedAt: this.#startedAt() };
    this.#newLife();
    this.#checkpointsNowAndThen();
    this.#acknowledging = true;
    this.#acknowledgedUpTo = files.position;
    this.#acknowledgedSince = files.position;
    this.#emit({ kind: 'names-in-force', host: this.host, rule: this.#syncRule });
    this.#emit({ kind: 'acknowledges', host: this.host, branch: files.branch });
    this.#changed('is primary');
  }

  #becomeStandby(): void {
    const { files } = this;
    if (files === null) return;
    const minRecoveryEnd = Math.max(
      files.minRecoveryEnd ?? 0,
      files.state === 'in crash recovery' ? files.position : 0,
    );
    this.#write({ state: 'in archive recovery', minRecoveryEnd: Math.max(minRecoveryEnd, 1), hasBackupLabel: false });
    this.link.follow(this.#desired?.standby ?? null);
    this.#openWhenConsistent();
  }

  #openWhenConsistent(): void {
    if (this.#server.kind !== 'starting') return;
    this.settle();
    const { files } = this;
    if (files === null || files.signal !== 'standby' || files.position < (files.minRecoveryEnd ?? 0)) return;
    this.#server = { kind: 'standby', pid: this.#pid, startedAt: this.#startedAt() };
    this.#checkpointsNowAndThen();
    this.#changed('is standby');
  }

  #stopPrimary(): void {
    // Without its checkpoint it ends as if it had crashed.
    if (this.files === null || this.isDiskFull) return;
    this.#directory = { ...shutDown(this.files), kind: 'cluster' };
    for (const follower of this.#followers()) {
      if (follower.link.isFlowing) follower.receiveUpTo(this.files.position);
    }
  }

  /** The last WAL of an upstream that stops in order. */
  receiveUpTo(position: number): void {
    this.settle();
    if (this.files !== null && position > this.files.position) this.#write({ position });
  }

  #stopStandby(files: ClusterFiles): void {
    const minRecoveryEnd = Math.max(files.minRecoveryEnd ?? 0, this.replayPosition);
    this.#write({ state: 'shut down in recovery', minRecoveryEnd });
  }

  /** The control file follows the replay only now and then: what a killed standby noted is less than what it has. */
  #notedRecoveryEnd(files: ClusterFiles, replayed: number): number {
    const noted = files.minRecoveryEnd ?? 0;
    if (noted >= replayed) return noted;
    const behind = this.#kernel.random('postgres noted recovery').between(0, 1) * NOTED_BEHIND_MAX_BYTES;
    return Math.max(noted, Math.floor(replayed - behind));
  }

  /** Every process is gone. */
  #end(): void {
    this.#isDoomed = false;
    this.#fallQuiet();
    this.#stuckBackend.forget();
    this.link.stop();
    this.#replay.restart();
    this.#server = { kind: 'down' };
    this.#newLife();
    this.#changed('is down');
  }

  /** A stop in order waits for followers whose connection does not move, until it times out. */
  #unsentWalWait(): number {
    return this.#followers().some((follower) => !follower.link.isFlowing) ? SENDER_TIMEOUT_MS : 0;
  }

  #fallQuiet(): void {
    if (!this.#acknowledging) return;
    this.settle();
    this.#acknowledging = false;
    this.#emit({ kind: 'falls-quiet', host: this.host });
  }

  /** What followers have received so far counts; nothing more comes over their present connections. */
  #newLife(): void {
    for (const follower of this.#followers()) follower.settle();
    this.#serverLife += 1;
    if (this.actor.state !== 'dead') this.actor.start();
    if (this.#standstills.any) this.actor.freeze();
    this.#tellFollowers();
  }

  #tellFollowers(): void {
    for (const follower of this.#followers()) follower.link.upstreamChanged(this);
  }

  /** A signal, or a question over a connection, waits for a process that stands still. @returns whether it does. */
  #reachesLater(label: string, run: () => void): boolean {
    if (!this.#standstills.any) return false;
    const pid = this.#postmasterPid();
    this.#heldSignals.push(() => {
      // Not before what it was at, and not in another life of its backends only: a signal is the postmaster's.
      this.#kernel.after(0, null, label, () => {
        if (this.#postmasterPid() === pid) run();
      });
    });
    return true;
  }

  #postmasterPid(): number | null {
    return 'pid' in this.#server ? this.#server.pid : null;
  }

  #untilStuckIsKilled(): number {
    return this.#stuckBackend.isThere ? POSTMASTER_KILLS_AFTER_MS : 0;
  }

  #startedAt(): number {
    return 'startedAt' in this.#server ? this.#server.startedAt : this.#kernel.now;
  }

  #recoveryTime(): number {
    return this.#draw('crash recovery', this.#settings.crashRecovery);
  }

  #write(change: Partial<ClusterFiles>): void {
    if (this.#directory.kind === 'cluster') this.#directory = { ...this.#directory, ...change };
  }

  #changed(what: string): void {
    this.#kernel.note(this.host, () => `PostgreSQL ${what}`);
    this.#emit({ kind: 'server', host: this.host, state: this.#server.kind, files: this.#filesState() });
    this.#notify();
  }

  #filesState(): FilesState | null {
    const { files } = this;
    if (files === null) return null;
    const { systemId, branch, position, checkpoint, state, isHalfRewound } = files;
    return { systemId, branch, position, checkpointAt: checkpoint.at, control: state, isHalfRewound };
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #draw(purpose: string, span: Span): number {
    return drawSpan(this.#kernel.random(`postgres ${purpose}`), span);
  }

  #later(delay: number, label: string, run: () => void): void {
    this.#kernel.after(delay, this.actor, label, run);
  }
}

const BACKENDS_END: Span = { from: 1, to: 60 };
const IMMEDIATE_STOP: Span = { from: 5, to: 40 };
const LAST_PROCESS: Span = { from: 1, to: 30 };
/** A postmaster that wants its children gone at once kills those that are still there after this. */
const POSTMASTER_KILLS_AFTER_MS = 5000;
const NO_SPACE = 'No space left on device';
/** How long the segments that are there already last, once the disk is full. */
const LAST_SEGMENT: Span = { from: 100, to: 20_000 };
const NOTED_BEHIND_MAX_BYTES = 500_000;
const HOPS_MAX = 8;
/** PostgreSQL's default `checkpoint_timeout` is five minutes; a busy server makes one sooner. */
const CHECKPOINT_TIMEOUT: Span = { from: 60_000, to: 300_000 };
/** The checkpoint that a promoted server makes by itself, spread over its time. */
const LAZY_CHECKPOINT: Span = { from: 20_000, to: 60_000 };
/** PostgreSQL's default `wal_sender_timeout`. */
const SENDER_TIMEOUT_MS = 60_000;
