import { type Millis, millis } from '../../domain/time.ts';

/** Devices know whole seconds. */
export function toSeconds(span: Millis): number {
  return Math.round(span / 1_000);
}

export function fromSeconds(span: number): Millis {
  return millis(span * 1_000);
}
