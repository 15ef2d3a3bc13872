import { seconds } from '../../domain/time.ts';
import { planWatchdog } from '../../domain/watchdog-plan.ts';
import type { RandomStream } from '../kernel/random-stream.ts';
import { type Timings, timingsFor } from './draw-settings.ts';
import { calmSettings, type Settings, type WatchdogKind } from './settings.ts';

/** What the members of one run have. @param stream its own, so that this changes nothing else of a seed. */
export function drawWatchdog(stream: RandomStream, settings: Settings): WatchdogKind {
  const kind: WatchdogKind = {
    mode: stream.pick(MODES) ?? 'off',
    safetyMargin: stream.pick([5, 5, -1, 2]) ?? 5,
    ...(stream.pick(DEVICES) ?? DEVICES[0]),
  };
  // Where nothing fits nobody would ever lead.
  return kind.mode === 'required' && !isPossible(kind, settings) ? { ...kind, mode: 'automatic' } : kind;
}

/** The timings that an operator may change to: where a watchdog is required, those with which one is possible. */
export function timingsUnder(settings: Settings): readonly [Timings, ...Timings[]] {
  const all = timingsFor(settings.electionTimeoutMs);
  if (settings.watchdog.mode !== 'required') return all;
  const [first, ...others] = all.filter((each) => isPossible(settings.watchdog, each));
  return [first ?? settings, ...others];
}

function isPossible(kind: WatchdogKind, timings: Timings): boolean {
  const { mode, safetyMargin } = kind;
  const plan = planWatchdog(
    { mode, safetyMargin, device: '' },
    {
      ttl: seconds(timings.ttl),
      loopWait: seconds(timings.loopWait),
      retryTimeout: seconds(timings.retryTimeout),
    },
  );
  return plan.kind === 'wanted' && plan.settings.timeout % kind.stepMs === 0;
}

const DEVICES = [
  { canClose: true, stepMs: 1_000 },
  { canClose: true, stepMs: 1_000 },
  { canClose: true, stepMs: 1_000 },
  { canClose: true, stepMs: 1_000 },
  { canClose: true, stepMs: 7_000 },
  { canClose: false, stepMs: 1_000 },
] as const;

const MODES: readonly WatchdogKind['mode'][] = [
  ...Array.from({ length: 5 }, () => calmSettings.watchdog.mode),
  'automatic',
  'automatic',
  'required',
  'required',
  'required',
];
