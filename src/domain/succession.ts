import type { Lsn } from './lsn.ts';
import type { MemberName } from './names.ts';
import type { Timeline } from './timeline.ts';

/** Who could take over from the leader now, in that leader's own judgement. */
export type Succession = {
  readonly leader: MemberName;
  /** Where the leader itself is; `null`: its PostgreSQL does not say. */
  readonly position: Lsn | null;
  readonly maximumLagBytes: bigint;
  /** All other members of the last picture, by name. */
  readonly members: readonly Heir[];
};

export type Heir = {
  readonly name: MemberName;
  /** `null`: nothing speaks against it. */
  readonly unfit: Unfit | null;
  readonly timeline: Timeline | null;
  readonly position: Lsn | null;
  readonly lagBytes: bigint | null;
};

/** `because` is for people, `reason` for programs. */
export type Unfit = { readonly reason: UnfitReason; readonly because: string };

/** `nofailover`, or a priority of zero. */
export const notAllowed: Unfit = { reason: 'nofailover', because: 'not allowed to promote' };

/** Further behind than a failover may lose. */
export function lagging(bytes: bigint): Unfit {
  return { reason: 'lagging', because: `lags ${String(bytes)} bytes` };
}

export const unfitReasons = [
  'unreachable',
  'nofailover',
  'watchdog',
  'primary',
  'timeline',
  'diverged',
  'keeps-out',
  'position-unknown',
  'lagging',
  'asynchronous',
] as const;
export type UnfitReason = (typeof unfitReasons)[number];
