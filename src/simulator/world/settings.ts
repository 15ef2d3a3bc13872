import type { RandomStream } from '../kernel/random-stream.ts';

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
  readonly initdb: Span;
  readonly clone: Span;
  readonly rewind: Span;
  /** How long the backends of a dead postmaster go on. */
  readonly orphans: Span;
  readonly spawn: Span;
  readonly replicationDelayMs: number;
  readonly walBytesPerMs: number;
  /** `pg_hba`, `use_pg_rewind` and the like. */
  readonly usePgRewind: boolean;
  readonly removeDataOnDivergence: boolean;
};

/** Milliseconds; each use draws from it. */
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
  initdb: { from: 900, to: 1500 },
  clone: { from: 800, to: 1500 },
  rewind: { from: 500, to: 1200 },
  orphans: { from: 5000, to: 30_000 },
  spawn: { from: 30, to: 80 },
  replicationDelayMs: 2,
  walBytesPerMs: 500,
  usePgRewind: true,
  removeDataOnDivergence: true,
};

/** @param stream its own stream, so that a new parameter does not change the faults. */
export function drawSettings(stream: RandomStream): Settings {
  const timings = stream.pick(TIMINGS) ?? calmSettings;
  const slow = stream.chance(0.3) ? stream.between(2, 6) : 1;
  const slower = (span: Span): Span => ({ from: span.from, to: span.to * slow });
  return {
    ...calmSettings,
    ...timings,
    nodes: stream.pick([2, 3, 3, 3, 3, 4, 5]) ?? calmSettings.nodes,
    storeMembers: stream.chance(0.5) ? 'apart' : 'with-postgres',
    network: stream.chance(0.2) ? { from: 0.5, to: 20 } : calmSettings.network,
    scheduling: stream.chance(0.3) ? { from: 0, to: 15 } : calmSettings.scheduling,
    storeCommit: slower(calmSettings.storeCommit),
    look: stream.chance(0.2) ? { from: 5, to: 300 } : calmSettings.look,
    crashRecovery: slower(calmSettings.crashRecovery),
    start: slower(calmSettings.start),
    stop: stream.chance(0.2) ? { from: 300, to: 20_000 } : slower(calmSettings.stop),
    promote: slower(calmSettings.promote),
    checkpoint: slower({ from: 50, to: 2000 }),
    clone: slower(calmSettings.clone),
    rewind: slower(calmSettings.rewind),
    replicationDelayMs: stream.pick([1, 2, 2, 50, 500]) ?? calmSettings.replicationDelayMs,
    usePgRewind: !stream.chance(0.15),
  };
}

/** Each keeps `ttl` at or above renewal interval + 2 × election timeout + fencing margin (DESIGN 3). */
const TIMINGS: readonly Pick<Settings, 'ttl' | 'loopWait' | 'retryTimeout' | 'electionTimeoutMs'>[] = [
  { ttl: 5, loopWait: 2, retryTimeout: 1, electionTimeoutMs: 1000 },
  { ttl: 5, loopWait: 2, retryTimeout: 1, electionTimeoutMs: 500 },
  { ttl: 8, loopWait: 2, retryTimeout: 3, electionTimeoutMs: 1000 },
  { ttl: 10, loopWait: 4, retryTimeout: 3, electionTimeoutMs: 1000 },
  { ttl: 20, loopWait: 10, retryTimeout: 5, electionTimeoutMs: 1000 },
  { ttl: 30, loopWait: 10, retryTimeout: 10, electionTimeoutMs: 1000 },
];
