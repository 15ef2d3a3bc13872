import type { HistogramReading, MeterReadings } from '../../../domain/meter-readings.ts';
import type { Family, Labels, Sample } from './exposition.ts';

/** What the agent counted since it started. */
export function meterFamilies(readings: MeterReadings): readonly Family[] {
  const { steps, defects, store, unanswered, promotions, lastPromotion } = readings;
  const writeGap = lastPromotion?.writeGap ?? null;
  return [
    {
      name: 'matriarch_step_seconds',
      type: 'histogram',
      help: 'How long the steps of the agent took.',
      samples: histogramSamples(steps),
    },
    counter('matriarch_defects_total', 'Steps that ended in a defect of this program.', [{ value: String(defects) }]),
    {
      name: 'matriarch_store_request_seconds',
      type: 'histogram',
      help: 'From a request to the answer of the store.',
      samples: [...store].flatMap(([request, reading]) => histogramSamples(reading, { request })),
    },
    counter(
      'matriarch_store_unanswered_total',
      'Requests that the store did not answer.',
      [...unanswered].map(([request, count]) => ({ labels: { request }, value: String(count) })),
    ),
    counter(
      'matriarch_promotions_total',
      'How often PostgreSQL became a primary here, by what led to it.',
      [...promotions].map(([reason, count]) => ({ labels: { reason }, value: String(count) })),
    ),
    {
      name: 'matriarch_last_promotion_write_gap_seconds',
      type: 'gauge',
      help: 'From the last sign of the former leader to the last promotion here.',
      samples: writeGap === null ? [] : [{ value: String(writeGap / 1000) }],
    },
  ];
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'counter', samples };
}

function histogramSamples({ buckets, sum, count }: HistogramReading, labels: Labels = {}): readonly Sample[] {
  const bucket = (le: string, value: number): Sample => ({
    suffix: '_bucket',
    labels: { ...labels, le },
    value: String(value),
  });
  return [
    ...buckets.map(({ upTo, count: below }) => bucket(String(upTo), below)),
    bucket('+Inf', count),
    { suffix: '_sum', labels, value: String(sum) },
    { suffix: '_count', labels, value: String(count) },
  ];
}
