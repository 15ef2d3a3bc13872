import type { Action, Decision, Refusal } from '../domain/decision.ts';
import { ruleName } from '../domain/rule.ts';
import type { PostgresTask } from '../domain/task.ts';
import type { Instant } from '../domain/time.ts';
import type { RuleId } from './rules.ts';

export type Facts = Decision['facts'];

/** A decision by `rule`. */
export function conclude(rule: RuleId, action: Action, facts: Facts = {}, refused: readonly Refusal[] = []): Decision {
  return { rule: ruleName(rule), action, facts, refused };
}

export function run(rule: RuleId, task: PostgresTask, facts: Facts = {}, refused: readonly Refusal[] = []): Decision {
  return conclude(rule, { kind: 'run', task }, facts, refused);
}

/** Wait for `reason`; look again at `until` even if nothing happens. */
export function wait(rule: RuleId, reason: string, until: Instant | null = null, facts: Facts = {}): Decision {
  return conclude(rule, { kind: 'wait', for: reason, until }, facts);
}
