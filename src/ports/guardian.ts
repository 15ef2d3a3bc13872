import type { Instant } from '../domain/time.ts';
import type { WatchdogReport, WatchdogSettings } from '../domain/watchdog.ts';
import type { WatchdogAction, WatchdogAnswer } from './watchdog.ts';

/** From the heartbeat to the guardian, one JSON object per line over its local socket. */
export type GuardianMessage =
  /**
   * Fence at `deadline` unless a later one comes. Answered by `armed` with the same number. `isUnproven`: for a lock that
   * is only being sought, so a watchdog is not opened for it; one that an earlier guardian left may have to fire sooner.
   */
  | { readonly kind: 'arm'; readonly number: number; readonly deadline: Instant; readonly isUnproven?: true }
  /**
   * PostgreSQL is proven a standby or stopped, or the cluster is paused. Answered by `disarmed`. `isUnproven`: nothing of
   * that is known, only that the lock that was sought is not mine. So a watchdog that an earlier guardian left counts on,
   * unless no process of the data directory is there.
   */
  | { readonly kind: 'disarm'; readonly number: number; readonly evidence: string; readonly isUnproven?: true }
  /** Is any process of the data directory left that could commit? Answered by `quiet` or `busy`. */
  | { readonly kind: 'confirm-quiet'; readonly number: number }
  | { readonly kind: 'ping'; readonly number: number }
  /** The kernel's watchdog to use from now on; `null`: none. Answered by `pong`, and by `watchdog` when that changes. */
  | { readonly kind: 'watchdog'; readonly number: number; readonly settings: WatchdogSettings | null }
  /** The agent leaves for good: end as soon as not armed. */
  | { readonly kind: 'retire'; readonly number: number };

/** From the guardian to the heartbeat; the last two are the connection's own. */
export type GuardianReport =
  /** `watchdog` absent: one of a version that knows of none. */
  | {
      readonly kind: 'hello';
      readonly pid: number;
      readonly armedUntil: Instant | null;
      readonly watchdog?: WatchdogReport;
    }
  | { readonly kind: 'armed'; readonly number: number; readonly deadline: Instant }
  | { readonly kind: 'disarmed'; readonly number: number }
  | { readonly kind: 'quiet'; readonly number: number }
  | { readonly kind: 'busy'; readonly number: number; readonly processCount: number }
  | { readonly kind: 'pong'; readonly number: number }
  /** The ladder's steps, as they happen. */
  | { readonly kind: 'fencing'; readonly step: 'fast-stop' | 'hard-fence' | 'fenced'; readonly deadline: Instant }
  /** How the watchdog is, whenever that changes. */
  | { readonly kind: 'watchdog'; readonly watchdog: WatchdogReport }
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost'; readonly reason: string };

/** What happens to the guardian machine. */
export type GuardianEvent = { readonly at: Instant } & (
  | { readonly kind: 'started' }
  | { readonly kind: 'timer' }
  | { readonly kind: 'message'; readonly message: GuardianMessage }
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'scanned'; readonly processes: PostgresProcesses }
  | { readonly kind: 'watchdog-answered'; readonly answer: WatchdogAnswer }
);

/** Every process of the data directory, found by its working directory, never by its name alone. */
export type PostgresProcesses = { readonly postmaster: number | null; readonly others: readonly number[] };

export type GuardianEffect =
  | { readonly kind: 'set-timer'; readonly at: Instant }
  | { readonly kind: 'scan' }
  /** Ask the postmaster for a fast stop (SIGINT). */
  | { readonly kind: 'fast-stop' }
  /**
   * SIGSTOP the postmaster (it forks no more), SIGKILL its children until none is left, SIGKILL the postmaster.
   * Answered by `scanned`.
   */
  | { readonly kind: 'hard-fence' }
  /** To the watchdog's device; all but `feed` and `close` are answered by `watchdog-answered`, and so is any failure. */
  | { readonly kind: 'watchdog'; readonly action: WatchdogAction }
  | { readonly kind: 'send'; readonly report: GuardianReport }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly event: string;
      readonly fields: Readonly<Record<string, string | number | null>>;
    }
  | { readonly kind: 'end' };
