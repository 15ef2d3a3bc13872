import { hardFenceAt } from './fencing.ts';
import type { Instant, Millis } from './time.ts';
import { earlier, earliest, later, latest, millis } from './time.ts';

/**
 * How long before the deadline the device is to fire at the latest. Its clock is not the machine's: a few parts in a
 * thousand of the longest time-outs in use.
 */
const WATCHDOG_LEAD = millis(100);

/** May it be fed now? Never so that it would fire after the deadline. */
export function mayFeed(at: Instant, feeding: { readonly timeout: Millis; readonly deadline: Instant }): boolean {
  return at <= lastFeed(feeding);
}

/**
 * When it is fed next: three times in a time-out; and towards the last moment at which that is allowed ever more often,
 * so that a timer which is late then does not cost much. It fires by itself shortly before the deadline, not earlier,
 * since PostgreSQL has until then to be stopped in order.
 * @param deadline `null`: nothing is guarded, and it cannot be closed.
 * @returns `null`: not before there is a later deadline.
 */
export function nextFeed(fed: {
  readonly at: Instant;
  readonly timeout: Millis;
  readonly deadline: Instant | null;
}): Instant | null {
  const regular = later(fed.at, millis(fed.timeout / FEEDS_IN_TIMEOUT));
  if (fed.deadline === null) return regular;
  const last = earlier(lastFeed({ timeout: fed.timeout, deadline: fed.deadline }), TIMER_SLACK);
  if (fed.at >= last) return null;
  const halfway = later(fed.at, millis((last - fed.at) / 2));
  return earliest(last, earliest(regular, latest(halfway, later(fed.at, FEEDS_APART_MIN))));
}

/**
 * When one that was fed at `at` has to be given up: it would fire long before the deadline in force, which came too late
 * for it to be fed, or while PostgreSQL is just being killed. Renewals take longer than the safety margin then, and the
 * machine is well.
 * @returns `null`: it fires about when it should.
 */
export function givenUpAt(fed: {
  readonly at: Instant;
  readonly timeout: Millis;
  readonly deadline: Instant;
}): Instant | null {
  const fires = later(fed.at, fed.timeout);
  return fires < later(hardFenceAt(fed.deadline), KILLED_WITHIN) ? earlier(fires, GIVEN_UP_LEAD) : null;
}

function lastFeed({ timeout, deadline }: { readonly timeout: Millis; readonly deadline: Instant }): Instant {
  return earlier(earlier(deadline, WATCHDOG_LEAD), timeout);
}

/** What the hard fence takes. One that was fed as late as it may fires later than that, also where its timers are late. */
const KILLED_WITHIN = millis(40);
/** Enough to close it, and for the agent to hear of that. */
const GIVEN_UP_LEAD = millis(500);
const FEEDS_IN_TIMEOUT = 3;
const FEEDS_APART_MIN = millis(100);
/** The last feed is planned this much earlier than it must be: a timer is never early. */
const TIMER_SLACK = millis(50);
