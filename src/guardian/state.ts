import type { Instant } from '../domain/time.ts';
import type { WatchdogReport } from '../domain/watchdog.ts';
import { noWatchdog, type Watchdog } from './watchdog.ts';

/** What the guardian knows. It reads no store and decides nothing but when to fence. */
export type GuardianState = {
  readonly pid: number;
  readonly duty: Duty;
  readonly agent: { readonly kind: 'connected' } | { readonly kind: 'gone'; readonly since: Instant };
  /** The agent left for good: end as soon as there is no duty. */
  readonly retiring: boolean;
  /** Numbers of `confirm-quiet` messages that the next scan answers. */
  readonly asked: readonly number[];
  readonly watchdog: Watchdog;
  /** What was last told of it, so that only changes are. */
  readonly watchdogTold: WatchdogReport;
  readonly timerAt: Instant | null;
};

export type Duty =
  | { readonly kind: 'none' }
  | { readonly kind: 'watching'; readonly deadline: Instant }
  /** The fast stop was asked for; what still runs when the hard fence is due is killed. */
  | { readonly kind: 'stopping'; readonly deadline: Instant }
  /** Killing until nothing is left. `next` came meanwhile, and is watched afterwards. */
  | {
      readonly kind: 'killing';
      readonly deadline: Instant;
      readonly rounds: number;
      readonly againAt: Instant | null;
      readonly next: Instant | null;
    };

export function initialGuardian({ pid, at }: { readonly pid: number; readonly at: Instant }): GuardianState {
  return {
    pid,
    duty: { kind: 'none' },
    agent: { kind: 'gone', since: at },
    retiring: false,
    asked: [],
    watchdog: noWatchdog,
    watchdogTold: { kind: 'off' },
    timerAt: null,
  };
}

/** The deadline that the guardian is armed with; a later one counts as soon as it is there. */
export function armedUntil(duty: Duty): Instant | null {
  switch (duty.kind) {
    case 'none':
      return null;
    case 'watching':
    case 'stopping':
      return duty.deadline;
    case 'killing':
      return duty.next ?? duty.deadline;
  }
}
