import type { JsonObject } from '../../domain/json.ts';
import type { Tags } from '../../domain/tags.ts';
import type { RandomStream } from '../kernel/random-stream.ts';
import type { WriteLoad } from '../postgres/write-load.ts';
import { type Place, placeOf } from './network.ts';
import { calmSettings, type Settings, type Span } from './settings.ts';

/** The parameters of one run. @param stream its own stream, so that a new parameter does not change the faults. */
export function drawSettings(stream: RandomStream): Settings {
  const { electionTimeoutMs, timings } = TIMINGS[stream.pick(OFTEN) ?? 0] ?? TIMINGS[0];
  const slow = stream.chance(0.3) ? stream.between(2, 6) : 1;
  const slower = (span: Span): Span => ({ from: span.from, to: span.to * slow });
  const nodes = stream.pick(NODES) ?? calmSettings.nodes;
  return {
    ...calmSettings,
    ...timings,
    electionTimeoutMs,
    nodes,
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
    busyCheckpointer: 0.1,
    clone: slower(calmSettings.clone),
    rewind: slower(calmSettings.rewind),
    replicationDelayMs: stream.pick([1, 2, 2, 50, 500]) ?? calmSettings.replicationDelayMs,
    usePgRewind: !stream.chance(0.15),
    clockDriftMax: stream.pick([0, 0, 0.001, 0.003]) ?? calmSettings.clockDriftMax,
    removeDataOnDivergence: !stream.chance(0.1),
    tags: stream.chance(0.4) ? tagsOfAll(stream, nodes) : {},
    walKeepBytes: stream.pick([0, 16_777_216, calmSettings.walKeepBytes]) ?? calmSettings.walKeepBytes,
    writeLoad: { ...calmSettings.writeLoad, ...(stream.pick(WRITING) ?? {}) },
    failsafeMode: stream.chance(0.3),
    // PostgreSQL's default is 60 s; who wants to know sooner says so.
    brokenConnections: stream.chance(0.7) ? { from: 1000, to: 60_000 } : calmSettings.brokenConnections,
    catchUp: stream.pick(CATCHING_UP) ?? null,
    replay: stream.pick(REPLAYING) ?? null,
  };
}

/** Most runs of those that draw it begin in a synchronous mode; an operator may change it meanwhile. */
export function drawSynchronous(stream: RandomStream): Settings['synchronous'] {
  return {
    mode: stream.pick(['off', 'on', 'on', 'on', 'quorum', 'quorum', 'quorum']) ?? 'on',
    strict: stream.chance(0.15),
    nodeCount: stream.pick([1, 1, 1, 2, 2, 3]) ?? 1,
  };
}

/** Tags that change who may lead, whom to follow and what is published; two members at least may always lead. */
function tagsOfAll(stream: RandomStream, nodes: number): Readonly<Record<Place, Tags>> {
  const tags: Record<Place, Tags> = {};
  for (let node = 0; node < nodes; node += 1) {
    const isFree = stream.chance(0.5);
    const drawn = stream.pick(node < MAY_ALWAYS_LEAD ? HARMLESS_TAGS : ALL_TAGS) ?? {};
    if (!isFree) tags[placeOf(node)] = drawn;
  }
  return tags;
}

/** Permanent slots; in half of the runs there are none. @param stream its own stream. */
export function drawSlots(stream: RandomStream): JsonObject {
  return stream.pick(SLOTS) ?? {};
}

const CDC = { type: 'logical', database: 'shop', plugin: 'pgoutput' };
const SLOTS: readonly JsonObject[] = [
  {},
  {},
  {},
  { cdc: CDC },
  { archive: { type: 'physical' }, cdc: CDC },
  {
    archive: { type: 'physical' },
    cdc: CDC,
    warehouse: { database: 'shop', plugin: 'test_decoding', type: 'logical' },
  },
];

/** Any tags; who may lead then is somebody else's care. */
export function drawTags(stream: RandomStream): Tags {
  return stream.pick(ALL_TAGS) ?? {};
}

/** Most databases do not write all the time. */
const WRITING: readonly Pick<WriteLoad, 'busyMs' | 'idleMs'>[] = [
  { busyMs: 1, idleMs: 0 },
  { busyMs: 20_000, idleMs: 20_000 },
  { busyMs: 15_000, idleMs: 60_000 },
  { busyMs: 5_000, idleMs: 90_000 },
];

/** Beside the load, which is half a megabyte a second: from twice as fast, so that it takes a minute, to hardly noticed. */
const CATCHING_UP: readonly (Span | null)[] = [
  null,
  { from: 5_000, to: 50_000 },
  { from: 1_000, to: 20_000 },
  { from: 1_000, to: 3_000 },
  { from: 1_000, to: 2_000 },
];

const REPLAYING: readonly (Span | null)[] = [null, null, { from: 2_000, to: 20_000 }, { from: 1_000, to: 2_000 }];

const MAY_ALWAYS_LEAD = 2;

const HARMLESS_TAGS: readonly Tags[] = [
  { failover_priority: 2 },
  { failover_priority: '3', nosync: true },
  { nofailover: false, failover_priority: 0 },
  { noloadbalance: true },
  { clonefrom: true },
];

const ALL_TAGS: readonly Tags[] = [
  ...HARMLESS_TAGS,
  { nofailover: true },
  { nofailover: true, failover_priority: 5 },
  { failover_priority: 0 },
  { replicatefrom: placeOf(1) },
  { replicatefrom: placeOf(1), nofailover: 'true', clonefrom: true },
  { replicatefrom: 'nobody' },
];

/** Three is what most people run; each node more makes a run dearer by the square. */
const NODES: readonly number[] = [2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 7];

/** The timings that a store with this election time-out is quick enough for. */
export function timingsFor(electionTimeoutMs: number): readonly [Timings, ...Timings[]] {
  const [slowest, ...others] = TIMINGS.filter((row) => row.electionTimeoutMs >= electionTimeoutMs);
  return [(slowest ?? TIMINGS[0]).timings, ...others.map((row) => row.timings)];
}

export type Timings = Pick<Settings, 'ttl' | 'loopWait' | 'retryTimeout'>;

type TimingsRow = { readonly electionTimeoutMs: number; readonly timings: Timings };

/** Each keeps `ttl` at or above renewal interval + 2 × election timeout + fencing margin (DESIGN 3). */
const TIMINGS: readonly [TimingsRow, ...TimingsRow[]] = [
  { electionTimeoutMs: 1000, timings: { ttl: 30, loopWait: 10, retryTimeout: 10 } },
  { electionTimeoutMs: 1000, timings: { ttl: 20, loopWait: 10, retryTimeout: 5 } },
  { electionTimeoutMs: 1000, timings: { ttl: 10, loopWait: 4, retryTimeout: 3 } },
  { electionTimeoutMs: 1000, timings: { ttl: 8, loopWait: 2, retryTimeout: 3 } },
  { electionTimeoutMs: 1000, timings: { ttl: 5, loopWait: 2, retryTimeout: 1 } },
  { electionTimeoutMs: 500, timings: { ttl: 5, loopWait: 2, retryTimeout: 1 } },
  { electionTimeoutMs: 500, timings: { ttl: 3, loopWait: 1, retryTimeout: 1 } },
  // Stores that span distant places are given longer.
  { electionTimeoutMs: 5000, timings: { ttl: 30, loopWait: 10, retryTimeout: 10 } },
  { electionTimeoutMs: 5000, timings: { ttl: 20, loopWait: 10, retryTimeout: 5 } },
  { electionTimeoutMs: 2500, timings: { ttl: 10, loopWait: 4, retryTimeout: 3 } },
];

/** Rows of `TIMINGS`, as often as they are drawn: more than half have a `ttl` of 10 or less. */
const OFTEN: readonly number[] = [0, 0, 0, 0, 7, 1, 1, 1, 8, 2, 2, 9, 3, 3, 4, 4, 5, 5, 5, 6];
