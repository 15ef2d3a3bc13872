import type { RandomStream } from '../kernel/random-stream.ts';
import { drawSpan, type Settings, type Span } from '../world/settings.ts';
import { drawFault, type Mix } from './draw-fault.ts';
import type { PlannedFault } from './fault.ts';

/**
 * The faults of a run, drawn before it begins: when and what; who is hit is settled when the moment comes. A run is a
 * row of stretches, since a cluster breaks in two ways: by trouble on top of trouble, and by what it kept from long ago.
 */
export function drawPlan(
  stream: RandomStream,
  run: { readonly settings: Settings; readonly until: number; readonly mix: Mix },
): readonly PlannedFault[] {
  const plan: PlannedFault[] = [];
  let begin = 0;
  let stretch = stream.pick(FIRST_STRETCHES) ?? QUIET;
  while (begin < run.until) {
    const end = Math.min(run.until, begin + drawSpan(stream, stretch.span));
    for (let at = nextFault(stream, begin, stretch); at < end; at = nextFault(stream, at, stretch)) {
      if (plan.length < FAULTS_MAX) plan.push({ at, fault: drawFault(stream, run.settings, run.mix) });
    }
    begin = end;
    stretch = stream.pick(LATER_STRETCHES) ?? QUIET;
  }
  return plan;
}

function nextFault(stream: RandomStream, after: number, stretch: Stretch): number {
  return after + stream.between(0, 2 * stretch.meanGapMs);
}

/** How long it lasts, and how far apart its faults are in the mean. */
type Stretch = { readonly span: Span; readonly meanGapMs: number };

const BURST: Stretch = { span: { from: 10_000, to: 40_000 }, meanGapMs: 2_500 };
const BUSY: Stretch = { span: { from: 60_000, to: 180_000 }, meanGapMs: 25_000 };
const QUIET: Stretch = { span: { from: 60_000, to: 240_000 }, meanGapMs: 90_000 };
/** Nothing happens until there is a cluster. */
const FOUNDING: Stretch = { span: { from: 15_000, to: 30_000 }, meanGapMs: 1_000_000 };

const FIRST_STRETCHES: readonly Stretch[] = [FOUNDING, FOUNDING, BURST, BUSY];
/** Some two faults a minute in the mean; situations, orders and the like come on top (`drawn-run.ts`). */
const LATER_STRETCHES: readonly Stretch[] = [BURST, BURST, BUSY, BUSY, BUSY, BUSY, QUIET, QUIET, QUIET, QUIET];

const FAULTS_MAX = 200;
