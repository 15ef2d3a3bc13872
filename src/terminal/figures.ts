import { type Lsn, lagBytes } from '../domain/lsn.ts';

/**
 * What `behind` misses of `ahead`, in a unit that keeps it short. Two members are asked at different moments, so one may
 * seem to be ahead: that is no lag.
 */
export function lagText(positions: { readonly ahead: Lsn; readonly behind: Lsn }): string {
  const bytes = lagBytes(positions);
  return bytes < 10_000n ? `${bytes} B` : bytes < 10_000_000n ? `${bytes / 1024n} kB` : `${bytes / 1_048_576n} MB`;
}

export function secondsText(ms: number, digits: number): string {
  return `${(ms / 1000).toFixed(digits)} s`;
}
