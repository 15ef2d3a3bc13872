import type { MeterReadings } from '../../../domain/meter-readings.ts';
import type { NodeSnapshot } from '../../../domain/node-snapshot.ts';
import type { Instant } from '../../../domain/time.ts';
import type { NodeFacts } from '../node-facts.ts';
import { renderFamilies } from './exposition.ts';
import { leaseFamilies } from './lease-families.ts';
import { meterFamilies } from './meter-families.ts';
import { patroniFamilies } from './patroni-families.ts';

export type Measured = {
  readonly snapshot: NodeSnapshot;
  readonly facts: NodeFacts;
  readonly readings: MeterReadings;
  readonly now: Instant;
};

/** The body of `GET /metrics`: Patroni's metrics as they are there (spec/rest-api.md 11), then ours. */
export function metricsText(measured: Measured): string {
  const { scope, name } = measured.snapshot.observation.config;
  const families = [
    ...patroniFamilies(measured.snapshot, measured.facts),
    ...leaseFamilies(measured.snapshot, measured.now),
    ...meterFamilies(measured.readings),
  ];
  return renderFamilies(families, { scope, name });
}
