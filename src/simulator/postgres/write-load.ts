/**
 * How the clients of a run write: always, or in bursts with silence between. In silence WAL stands still, so that
 * replicas are level and a member has nothing to publish.
 */
export type WriteLoad = {
  readonly bytesPerMs: number;
  /** How long they write, and then do not; an `idleMs` of 0 means always. */
  readonly busyMs: number;
  readonly idleMs: number;
};

/** @returns how many bytes of WAL a primary that was there from the beginning would have written by `time`, a world time in ms. */
export function writtenBy(load: WriteLoad, time: number): number {
  const { bytesPerMs, busyMs, idleMs } = load;
  if (idleMs === 0) return time * bytesPerMs;
  const period = busyMs + idleMs;
  const periods = Math.floor(time / period);
  return bytesPerMs * (periods * busyMs + Math.min(busyMs, time - periods * period));
}
