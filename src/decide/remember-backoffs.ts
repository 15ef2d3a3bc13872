import type { Backoff, Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { later, millis } from '../domain/time.ts';
import type { End } from './happening.ts';
import type { RuleId } from './rules.ts';

const BACKOFF_FIRST = millis(250);
const BACKOFF_MAX = millis(5_000);
/** A failure from so long before the next try has nothing to do with that. */
const FAILURE_COUNTS = millis(600_000);

/** Decisions that start a standby; back-offs of those that failed are kept by name. */
export const STARTS: readonly RuleId[] = ['start-follow', 'start-unverified', 'start-fresh-copy'];

/** A decision that failed is repeated later and later; one that was carried out begins anew. */
export function nextBackoffs(m: Memory, o: Observation, decision: Decision, end: End): Memory['backoffs'] {
  const next = new Map(m.backoffs);
  if (end.kind === 'done') {
    next.delete(decision.rule);
    // Other files are here now: how often the earlier ones did not start says nothing of them.
    if (isTaskOf(decision, 'clone') || isTaskOf(decision, 'rewind')) next.delete('start-fresh-copy');
    if (isTaskOf(decision, 'clone')) next.delete('rewind');
    // Under the next lock it may work: it gets as many tries.
    if (decision.rule === 'promotion-failed') next.delete('promote');
    return next;
  }
  const before = m.backoffs.get(decision.rule);
  const spanBefore = before?.span ?? BACKOFF_FIRST;
  const isLonger = before !== undefined && end.cancelled !== true;
  const span = isLonger ? millis(Math.min(BACKOFF_MAX, 2 * spanBefore)) : spanBefore;
  const failures = failuresNow(before?.failures ?? 0, decision, end);
  const backoff: Backoff = { until: later(o.now, span), failures, reason: end.reason, span };
  next.set(decision.rule, backoff);
  return next;
}

/** Begun anew: what takes hours, and fails each time, counts all the same. */
export function withoutOldFailure({ backoffs }: Memory, { now }: Observation, { rule }: Decision): Memory['backoffs'] {
  const last = backoffs.get(rule);
  if (last === undefined || now < later(last.until, FAILURE_COUNTS)) return backoffs;
  return new Map([...backoffs].filter(([each]) => each !== rule));
}

/** It answers, by whatever start, or by one that was given up: how often it did not start before is over. */
export function withoutStarts({ backoffs }: Memory): Memory['backoffs'] {
  if (STARTS.every((rule) => !backoffs.has(rule))) return backoffs;
  return new Map([...backoffs].filter(([each]) => STARTS.every((rule) => rule !== each)));
}

function failuresNow(before: number, decision: Decision, end: Extract<End, { kind: 'failed' }>): number {
  // The second rewind that fails is the last: one that was refused, or cancelled, has shown nothing yet.
  if (isTaskOf(decision, 'rewind') && (end.notBegun === true || end.cancelled === true)) return before;
  return end.cancelled === true ? Math.max(1, before) : before + 1;
}

function isTaskOf({ action }: Decision, kind: 'clone' | 'rewind'): boolean {
  return action.kind === 'run' && action.task.kind === kind;
}
