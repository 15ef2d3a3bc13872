import { derived } from './derived.ts';
import type { Timings } from './dynamic-config.ts';
import type { Millis } from './time.ts';
import { millis, seconds } from './time.ts';

export type Company = {
  /** A Patroni agent is in the cluster: its minimums then hold for everybody, so that all use equal values. */
  readonly foreignMemberPresent: boolean;
};

/**
 * The timings in force: minimums applied, then `loop_wait + 2 * retry_timeout <= ttl` restored by shortening the two.
 * `ttl` is never raised for that rule, and no document is rewritten.
 * @see spec/dcs.md 2.7 (C-51), spec/config.md 6.2
 */
export function correctTimings(dynamic: Timings, company: Company): Timings {
  return corrected(dynamic, company).timings;
}

/** What `correctTimings` changes, one sentence each, for the log; empty when it changes nothing. */
export function timingAdjustments(dynamic: Timings, company: Company): readonly string[] {
  return corrected(dynamic, company).adjustments;
}

const PATRONI_MINIMUM: Timings = { ttl: seconds(20), loopWait: seconds(1), retryTimeout: seconds(3) };
/** Below these etcd's own election and the fencing margin leave no time to renew. */
const OWN_MINIMUM: Timings = { ttl: seconds(2), loopWait: seconds(1), retryTimeout: seconds(1) };

type Corrected = { readonly timings: Timings; readonly adjustments: readonly string[] };

function corrected(dynamic: Timings, { foreignMemberPresent }: Company): Corrected {
  return foreignMemberPresent ? besidePatroni(dynamic) : amongOurselves(dynamic);
}

/** Asked for with every picture of the store. */
const besidePatroni = derived((wanted: Timings) => correct(wanted, PATRONI_MINIMUM));
const amongOurselves = derived((wanted: Timings) => correct(wanted, OWN_MINIMUM));

function correct(wanted: Timings, minimum: Timings): Corrected {
  const raised: Timings = {
    loopWait: atLeast(wanted.loopWait, minimum.loopWait),
    retryTimeout: atLeast(wanted.retryTimeout, minimum.retryTimeout),
    ttl: atLeast(wanted.ttl, minimum.ttl),
  };
  const timings = fitIntoTtl(raised, minimum);
  const adjustments = NAMES.filter(([field]) => raised[field] !== wanted[field]).map(
    ([field, name]) => `${name}=${inSeconds(wanted[field])} can't be smaller than ${inSeconds(minimum[field])}`,
  );
  return timings === raised ? { timings, adjustments } : { timings, adjustments: [...adjustments, shortened()] };

  function shortened(): string {
    return (
      `Violated the rule "loop_wait + 2*retry_timeout <= ttl", where ttl=${inSeconds(raised.ttl)}. ` +
      `Adjusting loop_wait from ${inSeconds(raised.loopWait)} to ${inSeconds(timings.loopWait)} ` +
      `and retry_timeout from ${inSeconds(raised.retryTimeout)} to ${inSeconds(timings.retryTimeout)}`
    );
  }
}

const NAMES = [
  ['loopWait', 'loop_wait'],
  ['retryTimeout', 'retry_timeout'],
  ['ttl', 'ttl'],
] as const;

/** With our own minimums the smallest `ttl` of 2 s has no room for the rule: the minimum of `retry_timeout` wins. */
function fitIntoTtl(timings: Timings, minimum: Timings): Timings {
  const { ttl, loopWait, retryTimeout } = timings;
  if (SHORTEST_LOOP + 2 * retryTimeout > ttl) {
    const half = seconds(Math.floor((ttl - SHORTEST_LOOP) / 2 / 1000));
    const shorter = { ttl, loopWait: SHORTEST_LOOP, retryTimeout: atLeast(half, minimum.retryTimeout) };
    return shorter.loopWait === loopWait && shorter.retryTimeout === retryTimeout ? timings : shorter;
  }
  if (loopWait + 2 * retryTimeout > ttl) return { ttl, loopWait: millis(ttl - 2 * retryTimeout), retryTimeout };
  return timings;
}

const SHORTEST_LOOP = seconds(1);

function atLeast(span: Millis, minimum: Millis): Millis {
  return span < minimum ? minimum : span;
}

function inSeconds(span: Millis): string {
  return (span / 1000).toString();
}
