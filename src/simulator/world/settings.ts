import type { JsonObject } from '../../domain/json.ts';
import type { Tags } from '../../domain/tags.ts';
import type { RandomStream } from '../kernel/random-stream.ts';
import type { WriteLoad } from '../postgres/write-load.ts';
import type { Place } from './network.ts';

/** The drawn parameters of a run: timings of the cluster, and how fast or slow the world around it is. */
export type Settings = {
  readonly nodes: number;
  /** Seconds, as configuration says them. */
  readonly ttl: number;
  readonly loopWait: number;
  readonly retryTimeout: number;
  readonly electionTimeoutMs: number;
  /** `with-postgres`: each store member shares a host with a PostgreSQL node and dies with it. */
  readonly storeMembers: 'apart' | 'with-postgres';
  readonly network: Span;
  /** How late a timer or a wake-up may be on a busy machine. */
  readonly scheduling: Span;
  readonly storeCommit: Span;
  readonly look: Span;
  readonly crashRecovery: Span;
  readonly start: Span;
  readonly stop: Span;
  readonly promote: Span;
  readonly checkpoint: Span;
  /** How likely it is that the checkpointer is at work when the configuration is reloaded, and does not read it yet. */
  readonly busyCheckpointer: number;
  readonly initdb: Span;
  readonly clone: Span;
  readonly rewind: Span;
  /** How long a walsender waits for a standby of which nothing is heard, where its connection is gone; 0: it ends at once. */
  readonly brokenConnections: Span;
  /** How long the backends of a dead postmaster go on. */
  readonly orphans: Span;
  readonly spawn: Span;
  /** By how much each host's clock may gain or lose; 0.001: a thousandth. */
  readonly clockDriftMax: number;
  readonly replicationDelayMs: number;
  /** Bytes in a millisecond: how fast a standby that connects behind gets the WAL that it lacks; `null`: at once. */
  readonly catchUp: Span | null;
  /** The same of what it replays; `null`: as it comes. */
  readonly replay: Span | null;
  readonly writeLoad: WriteLoad;
  /** `wal_keep_size` */
  readonly walKeepBytes: number;
  /** `pg_hba`, `use_pg_rewind` and the like. */
  readonly usePgRewind: boolean;
  readonly removeDataOnDivergence: boolean;
  readonly failsafeMode: boolean;
  /** The cluster is founded as one that follows another cluster's primary. */
  readonly standbyCluster: boolean;
  /** It uses a slot there (`primary_slot_name`), which one connection can have at a time. */
  readonly remoteSlot: boolean;
  /** Of every member; the one that the configuration asks for, if it does, and what kind the machines have. */
  readonly watchdog: WatchdogKind;
  /** What `bootstrap.dcs` says of synchronous replication. */
  readonly synchronous: SynchronousSettings;
  /** In the members' own files; none for who is not named. */
  readonly tags: Readonly<Record<Place, Tags>>;
  /** Permanent ones, as the dynamic configuration says them; each logical one has a consumer. */
  readonly slots: JsonObject;
};

export type WatchdogKind = {
  readonly mode: 'off' | 'automatic' | 'required';
  /** `watchdog.safety_margin` */
  readonly safetyMargin: number;
  /** `false`: closing does not stop it. */
  readonly canClose: boolean;
  /** The device rounds time-outs up to these. */
  readonly stepMs: number;
};

export type SynchronousSettings = {
  readonly mode: 'off' | 'on' | 'quorum';
  readonly strict: boolean;
  readonly nodeCount: number;
};

/** Milliseconds, where nothing else is said; each use draws from it. */
export type Span = { readonly from: number; readonly to: number };

export function drawSpan(stream: RandomStream, span: Span): number {
  return stream.between(span.from, span.to);
}

/** A quick, quiet world: what scenarios start from. */
export const calmSettings: Settings = {
  nodes: 3,
  ttl: 5,
  loopWait: 2,
  retryTimeout: 1,
  electionTimeoutMs: 1000,
  storeMembers: 'apart',
  network: { from: 0.2, to: 1 },
  scheduling: { from: 0, to: 1 },
  storeCommit: { from: 1, to: 4 },
  look: { from: 1, to: 5 },
  crashRecovery: { from: 300, to: 800 },
  start: { from: 150, to: 300 },
  stop: { from: 100, to: 300 },
  promote: { from: 80, to: 200 },
  checkpoint: { from: 50, to: 300 },
  busyCheckpointer: 0,
  initdb: { from: 900, to: 1500 },
  clone: { from: 800, to: 1500 },
  rewind: { from: 500, to: 1200 },
  brokenConnections: { from: 0, to: 0 },
  orphans: { from: 5000, to: 30_000 },
  spawn: { from: 30, to: 80 },
  clockDriftMax: 0,
  replicationDelayMs: 2,
  catchUp: null,
  replay: null,
  writeLoad: { bytesPerMs: 500, busyMs: 1, idleMs: 0 },
  walKeepBytes: 134_217_728,
  usePgRewind: true,
  removeDataOnDivergence: true,
  failsafeMode: false,
  standbyCluster: false,
  remoteSlot: false,
  watchdog: { mode: 'off', safetyMargin: 5, canClose: true, stepMs: 1_000 },
  synchronous: { mode: 'off', strict: false, nodeCount: 1 },
  tags: {},
  slots: {},
};
