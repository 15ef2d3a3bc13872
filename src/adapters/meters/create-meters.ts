import type { MeterReadings, Promotion, PromotionReason, StoreRequestName } from '../../domain/meter-readings.ts';
import type { Meters } from '../../ports/meters.ts';
import { Histogram } from './histogram.ts';

/** Meters that can be read at any time. */
export function createMeters(): Meters & { readings(): MeterReadings } {
  const steps = new Histogram(STEP_BOUNDS);
  const store = new Map<StoreRequestName, Histogram>();
  const unanswered = new Map<StoreRequestName, number>();
  const promotions = new Map<PromotionReason, number>();
  let lastPromotion: Promotion | null = null;
  let defects = 0;
  return {
    stepTook: (span) => steps.add(span / 1000),
    stepFailed: () => {
      defects += 1;
    },
    storeAnswered: (request, span) => {
      if (span === null) countOne(unanswered, request);
      else histogramIn(store, request).add(span / 1000);
    },
    promoted: (promotion) => {
      countOne(promotions, promotion.reason);
      lastPromotion = promotion;
    },
    readings: () => ({
      steps: steps.reading(),
      defects,
      store: new Map([...store].map(([request, histogram]) => [request, histogram.reading()])),
      unanswered: new Map(unanswered),
      promotions: new Map(promotions),
      lastPromotion,
    }),
  };
}

/** In seconds. A step takes well below a millisecond; a slow one delays every decision. */
const STEP_BOUNDS = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
/** A store that takes longer than a second for an answer is not fit for a `ttl` of a few. */
const STORE_BOUNDS = [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

function histogramIn(of: Map<StoreRequestName, Histogram>, request: StoreRequestName): Histogram {
  const found = of.get(request) ?? new Histogram(STORE_BOUNDS);
  of.set(request, found);
  return found;
}

function countOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
