import type { RandomStream } from '../kernel/random-stream.ts';
import type { NodeFile } from '../node/node-config.ts';
import { drawTags, type Timings } from '../world/draw-settings.ts';
import { timingsUnder } from '../world/draw-watchdog.ts';
import type { Settings } from '../world/settings.ts';
import type { Candidate, Fault, Target } from './fault.ts';

/** Which faults a run has at all. */
export type Mix = readonly [Row, ...Row[]];

/** A third of the runs has only some of the faults: each of these meets itself, and the few others, more often. */
export function drawMix(stream: RandomStream): Mix {
  if (!stream.chance(1 / 3)) return TABLE;
  const [first = TABLE[0], ...others] = TABLE.filter(() => stream.chance(0.35));
  return [first, ...others];
}

/** One fault, each kind of the mix as often as its weight in the table below says. */
export function drawFault(stream: RandomStream, settings: Settings, mix: Mix): Fault {
  const dice: Dice = {
    stream,
    target: () => (stream.chance(0.5) ? 'leader' : stream.integer(0, settings.nodes - 1)),
    candidate: () => (stream.chance(0.5) ? 'any' : stream.integer(0, settings.nodes - 1)),
    timings: () => one(stream, timingsUnder(settings)),
    file: () => (stream.chance(0.5) ? { tags: drawTags(stream) } : { timings: dice.timings(), tags: drawTags(stream) }),
    aroundTtl: () => settings.ttl * 1000 * one(stream, PARTS_OF_TTL) * stream.between(0.7, 1.3),
  };
  let left = stream.between(
    0,
    mix.reduce((sum, [weight]) => sum + weight, 0),
  );
  for (const [weight, draw] of mix) {
    left -= weight;
    if (left < 0) return draw(dice);
  }
  return mix[0][1](dice);
}

type Dice = {
  readonly stream: RandomStream;
  readonly target: () => Target;
  readonly candidate: () => Candidate;
  /** Other ones that the store of this run is quick enough for. */
  readonly timings: () => Timings;
  readonly file: () => Partial<NodeFile>;
  /** Spans shorter and longer than the lease are where the interesting moments are. */
  readonly aroundTtl: () => number;
};

/** How often, and what. */
type Row = readonly [number, (dice: Dice) => Fault];

const TABLE: Mix = [
  [10, (d) => ({ kind: 'freeze-agent', target: d.target(), span: d.aroundTtl() })],
  [4, (d) => ({ kind: 'stall-agent', target: d.target(), span: d.aroundTtl() })],
  [8, (d) => ({ kind: 'kill-agent', target: d.target(), span: d.aroundTtl() })],
  [4, (d) => ({ kind: 'stop-agent', target: d.target(), span: d.aroundTtl() })],
  [3, (d) => ({ kind: 'restart-with-file', target: d.target(), span: 5 * d.aroundTtl(), file: d.file() })],
  [4, (d) => ({ kind: 'kill-guardian', target: d.target() })],
  [4, (d) => ({ kind: 'freeze-guardian', target: d.target(), span: d.aroundTtl() })],

  [8, (d) => ({ kind: 'kill-postmaster', target: d.target() })],
  [6, (d) => ({ kind: 'kill-postgres', target: d.target() })],
  [5, (d) => ({ kind: 'crash-backend', target: d.target() })],

  [4, (d) => ({ kind: 'fill-disk', target: d.target(), span: 3 * d.aroundTtl() })],
  [4, (d) => ({ kind: 'pause-replay', target: d.target(), span: 3 * d.aroundTtl() })],
  [3, (d) => ({ kind: 'drop-unused-slots', target: d.target() })],
  [4, (d) => ({ kind: 'stick-backend', target: d.target(), span: 3 * d.aroundTtl() })],
  [4, (d) => ({ kind: 'hang-postgres', target: d.target(), span: d.aroundTtl(), how: 'stopped' })],
  [2, (d) => ({ kind: 'hang-postgres', target: d.target(), span: d.aroundTtl(), how: 'disk' })],

  [10, (d) => ({ kind: 'power-off', target: d.target(), span: d.aroundTtl() })],
  [2, (d) => ({ kind: 'pause-machine', target: d.target(), span: d.aroundTtl(), clocks: 'run-on' })],
  [1, (d) => ({ kind: 'pause-machine', target: d.target(), span: d.aroundTtl(), clocks: 'stand-still' })],
  [1, (d) => ({ kind: 'step-wall-clock', target: d.target(), byMs: d.stream.between(-1, 1) * WALL_STEP_MAX_MS })],
  [
    14,
    (d) => ({
      kind: 'cut-node',
      target: d.target(),
      span: d.aroundTtl(),
      from: one(d.stream, ['store', 'peers', 'all', 'all'] as const),
      direction: one(d.stream, ['both', 'both', 'inbound', 'outbound'] as const),
    }),
  ],

  [6, (d) => ({ kind: 'stop-store-member', span: d.aroundTtl() })],
  [3, (d) => ({ kind: 'freeze-store-member', span: d.aroundTtl() })],
  [4, (d) => ({ kind: 'split-store-leader', span: d.aroundTtl() })],
  [3, (d) => ({ kind: 'stick-store-leader', span: d.aroundTtl() })],
  [4, (d) => ({ kind: 'store-outage', span: d.aroundTtl() })],
  [6, () => ({ kind: 'move-store-leader' })],
  [2, () => ({ kind: 'compact-store' })],
  [5, (d) => ({ kind: 'lost-replies', span: d.aroundTtl(), probability: d.stream.between(0.05, 0.6) })],
  [4, (d) => ({ kind: 'lost-requests', span: d.aroundTtl(), probability: d.stream.between(0.05, 0.6) })],
  [4, (d) => ({ kind: 'slow-store', span: d.aroundTtl(), extraMs: d.stream.between(20, 1500) })],
  [2, (d) => ({ kind: 'late-replies', span: d.aroundTtl(), extraMs: d.stream.between(20, 1500) })],
  [3, (d) => ({ kind: 'late-watches', span: d.aroundTtl(), extraMs: d.stream.between(20, 3000) })],
  [3, (d) => ({ kind: 'hung-watches', span: d.aroundTtl() })],
  [2, (d) => ({ kind: 'store-refuses', span: d.aroundTtl() })],
  [2, (d) => ({ kind: 'fill-store', span: d.aroundTtl() })],
  [1, (d) => ({ kind: 'restore-store', span: 3 * d.aroundTtl() })],

  [6, (d) => ({ kind: 'switchover', of: 'leader', from: 'leader', candidate: d.candidate() })],
  [
    2,
    (d) => ({
      kind: 'switchover',
      of: d.target(),
      from: one(d.stream, ['leader', 'another', 'nobody'] as const),
      candidate: one(d.stream, [d.candidate(), 'leader', 'stranger'] as const),
    }),
  ],
  [2, (d) => ({ kind: 'schedule-switchover', of: d.target(), candidate: d.candidate(), ahead: d.aroundTtl() })],
  [1, (d) => ({ kind: 'cancel-switchover', of: d.target() })],
  [3, (d) => ({ kind: 'failover', of: d.target(), candidate: d.candidate() })],
  [2, (d) => ({ kind: 'change-timings', of: d.target(), ...d.timings() })],
  [2, (d) => ({ kind: 'set-sync-names', of: d.target(), names: one(d.stream, SYNC_NAMES) })],
  [2, (d) => ({ kind: 'pause-cluster', of: d.target(), span: 3 * d.aroundTtl() })],
  [1, () => ({ kind: 'delete-lock-by-hand', of: 'leader' })],
];

const WALL_STEP_MAX_MS = 7_200_000;
const SYNC_NAMES = ['ANY 1 (*)', 'FIRST 1 (b, c)', 'ANY 2 (a, b, c)', ''] as const;
const PARTS_OF_TTL = [0.05, 0.3, 0.7, 1, 1.3, 2, 3] as const;

function one<T>(stream: RandomStream, items: readonly [T, ...T[]]): T {
  return stream.pick(items) ?? items[0];
}
