import type { Promotion, StoreRequestName } from '../domain/meter-readings.ts';
import type { Millis } from '../domain/time.ts';

/** Where the agent's drivers say what they count and measure. */
export type Meters = {
  stepTook(span: Millis): void;
  stepFailed(): void;
  /** `null`: it was not answered. */
  storeAnswered(request: StoreRequestName, span: Millis | null): void;
  promoted(promotion: Promotion): void;
};
