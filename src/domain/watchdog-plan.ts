import type { AgentConfig } from './agent-config.ts';
import type { Timings } from './dynamic-config.ts';
import type { LeaseReport } from './lease.ts';
import { renewalInterval } from './renewal-interval.ts';
import type { Millis } from './time.ts';
import { millis, seconds } from './time.ts';
import type { WatchdogSettings } from './watchdog.ts';

/** `impossible`: the timings leave no time-out with which it could be fed in time, and regularly. */
export type WatchdogPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'impossible'; readonly because: string }
  | { readonly kind: 'wanted'; readonly settings: WatchdogSettings };

/**
 * Which time-out the device gets: `ttl` less the safety margin; half of `ttl` where the margin is -1, or where it is the
 * usual one and `ttl` is shorter than anything Patroni allows (spec/ha.md 5 D-1, D-2).
 */
export function planWatchdog(config: AgentConfig['watchdog'], timings: Timings): WatchdogPlan {
  if (config.mode === 'off') return { kind: 'none' };
  const timeout = wantedTimeout(config.safetyMargin, timings.ttl);
  const shortest = shortestTimeout(timings);
  const longest = millis(Math.min(TIMEOUT_MAX, timings.ttl - ONE_SECOND));
  if (timeout < shortest || timeout > longest) {
    const span = `${inSeconds(shortest)} to ${inSeconds(longest)}`;
    const [least, most] = [timings.ttl - longest, timings.ttl - shortest].map((each) => String(each / ONE_SECOND));
    const margins = least === most ? `${least}` : `${least} to ${most}`;
    const because =
      shortest > longest
        ? `a ttl of ${inSeconds(timings.ttl)} leaves no time-out that could be kept`
        : `its time-out would be ${inSeconds(timeout)}, and with these timings it may be ${span}: a safety_margin of ${margins} fits`;
    return { kind: 'impossible', because };
  }
  const isRequired = config.mode === 'required';
  const { device, driver = 'linux', isNamed = false } = config;
  return {
    kind: 'wanted',
    settings: { device, driver, timeout, shortest, longest: isRequired ? timeout : longest, isRequired, isNamed },
  };
}

/**
 * Why a watchdog that is required cannot protect this member, so that it may not lead; `null`: it can as far as is known,
 * or none is required. `not known yet`: no guardian has said anything so far.
 */
export function watchdogLacks(
  known: { readonly config: Pick<AgentConfig, 'watchdog'>; readonly timings: Timings } & {
    readonly lease: Pick<LeaseReport, 'watchdog'> | null;
  },
): string | null {
  return watchdogFailure(known) ?? (isRequired(known) && known.lease?.watchdog === undefined ? 'not known yet' : null);
}

/** Like `watchdogLacks`, and only what will not pass by itself: a guardian that is just being replaced is no failure. */
export function watchdogFailure(known: Parameters<typeof watchdogLacks>[0]): string | null {
  if (!isRequired(known)) return null;
  const plan = planWatchdog(known.config.watchdog, known.timings);
  if (plan.kind === 'impossible') return plan.because;
  const report = known.lease?.watchdog;
  return report?.kind === 'failed' ? report.reason : null;
}

/** A required watchdog is open, or none is required: what a promotion asks. */
export function isWatchdogReady(known: Parameters<typeof watchdogLacks>[0]): boolean {
  return !isRequired(known) || known.lease?.watchdog?.kind === 'active';
}

function isRequired({ config }: Parameters<typeof watchdogLacks>[0]): boolean {
  return config.watchdog.mode === 'required';
}

function wantedTimeout(safetyMargin: number, ttl: Millis): Millis {
  const isHalf = safetyMargin === HALF_OF_TTL || (safetyMargin === USUAL_MARGIN && ttl < PATRONI_TTL_MIN);
  return isHalf ? wholeSeconds(millis(ttl / 2)) : wholeSeconds(millis(ttl - safetyMargin * ONE_SECOND));
}

/** Not below `loop_wait`, as Patroni has it; and longer than from one renewal to the next, with a second to spare. */
function shortestTimeout({ ttl, loopWait }: Timings): Millis {
  const regular = seconds(Math.floor((renewalInterval(ttl) + ONE_SECOND) / ONE_SECOND) + 1);
  return millis(Math.max(regular, Math.ceil(loopWait / ONE_SECOND) * ONE_SECOND));
}

function wholeSeconds(span: Millis): Millis {
  return seconds(Math.floor(span / ONE_SECOND));
}

function inSeconds(span: Millis): string {
  return `${String(span / ONE_SECOND)} s`;
}

const ONE_SECOND = 1_000;
const HALF_OF_TTL = -1;
const USUAL_MARGIN = 5;
const PATRONI_TTL_MIN = seconds(20);
/** What the kernel's interface takes (spec/ha.md 5 D-7). */
const TIMEOUT_MAX = seconds(65_534);
