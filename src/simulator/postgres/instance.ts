import type { FilesState } from '../world/facts.ts';
import { BrokenConnections } from './broken-connections.ts';
import type { ClusterFiles, Directory } from './directory.ts';
import type { Follower } from './follower.ts';
import type { Postmaster, Server } from './server.ts';
import { Standstills } from './standstill.ts';
import type { Surroundings } from './surroundings.ts';
import type { WalSource } from './upstream-link.ts';
import type { WalBranch } from './wal-branch.ts';

/** What there is of a server at this moment, files and processes, and who is told at once when that changes. */
export class Instance {
  readonly standstills = new Standstills();
  readonly brokenConnections: BrokenConnections;
  readonly #at: Surroundings;
  readonly #source: WalSource;
  readonly #followers: () => readonly Follower[];
  readonly #listeners = new Set<() => void>();
  #directory: Directory = { kind: 'empty' };
  #server: Server = { kind: 'down' };
  #life = 0;
  #pid = 1000;
  /** The last postmaster that was told to end at once. */
  #quitting: number | null = null;

  constructor(options: {
    readonly at: Surroundings;
    /** What followers know this server as. */
    readonly source: WalSource;
    readonly followers: () => readonly Follower[];
  }) {
    this.#at = options.at;
    this.#source = options.source;
    this.#followers = options.followers;
    const settle = (): void => options.source.settle();
    this.brokenConnections = new BrokenConnections({ at: options.at, settle });
  }

  get directory(): Directory {
    return this.#directory;
  }

  get files(): ClusterFiles | null {
    return this.#directory.kind === 'cluster' ? this.#directory : null;
  }

  get branch(): WalBranch | null {
    return this.files?.branch ?? null;
  }

  get server(): Server {
    return this.#server;
  }

  /** Changes whenever connections to the server break. */
  get life(): number {
    return this.#life;
  }

  get acceptsConnections(): boolean {
    return this.#at.actor.state === 'running' && (this.#server.kind === 'primary' || this.#server.kind === 'standby');
  }

  /** The one that is there. */
  get postmaster(): Postmaster {
    return { pid: this.#pid, startedAt: 'startedAt' in this.#server ? this.#server.startedAt : this.#at.kernel.now };
  }

  nextPostmaster(): Postmaster {
    this.#pid += 1;
    return { pid: this.#pid, startedAt: this.#at.kernel.now };
  }

  /** It was told to end at once: whatever else it was about to do does not happen any more. */
  get isQuitting(): boolean {
    return this.#quitting === this.#pid;
  }

  quit(): void {
    this.#quitting = this.#pid;
  }

  replace(directory: Directory): void {
    this.#directory = directory;
  }

  write(change: Partial<ClusterFiles>): void {
    if (this.#directory.kind === 'cluster') this.#directory = { ...this.#directory, ...change };
  }

  become(server: Server): void {
    this.#server = server;
  }

  /** What followers have received so far counts; nothing more comes over their present connections. */
  newLife(): void {
    const { actor } = this.#at;
    for (const follower of this.#followers()) follower.settle();
    this.#life += 1;
    this.brokenConnections.forget();
    if (actor.state !== 'dead') actor.start();
    if (this.standstills.any) actor.freeze();
    this.tellFollowers();
  }

  tellFollowers(whom: (follower: Follower) => boolean = () => true): void {
    for (const follower of this.#followers()) if (whom(follower)) follower.link.upstreamChanged(this.#source);
  }

  /** They hear nothing, over a connection that looks alive. */
  fallSilentToFollowers(): void {
    for (const follower of this.#followers()) follower.link.upstreamIsSilent(this.#source);
  }

  goOnToFollowers(): void {
    for (const follower of this.#followers()) follower.link.goesOn();
  }

  /** Told, at once, of everything that a look would show. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(what: string): void {
    const { kernel, host, emit } = this.#at;
    kernel.note(host, () => `PostgreSQL ${what}`);
    emit({ kind: 'server', host, state: this.#server.kind, files: filesState(this.files) });
    this.notify();
  }

  notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function filesState(files: ClusterFiles | null): FilesState | null {
  if (files === null) return null;
  const { systemId, branch, position, checkpoint, state, isHalfRewound } = files;
  return { systemId, branch, position, checkpointAt: checkpoint.at, control: state, isHalfRewound };
}
