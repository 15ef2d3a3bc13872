import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { RuleId } from '../../src/decide/rules.ts';
import type { Action } from '../../src/domain/decision.ts';
import type { PostgresTask } from '../../src/domain/task.ts';

/** What a row expects: `null` for "the question does not arise", or the part of the answer that the rule is about. */
export type Expected = null | string | boolean | object;

/**
 * A decision table: one healthy baseline, and rows that say only how they differ from it.
 * A row's name is the rule, as a sentence that an operator would accept. A failure prints the difference and the answer.
 */
export function table<Given, Difference>(
  question: (given: Given) => unknown,
  baseline: (difference: Difference) => Given,
  rows: readonly (readonly [rule: string, difference: NoInfer<Difference>, expected: Expected])[],
): void {
  for (const [rule, difference, expected] of rows) {
    test(rule, () => {
      const answer = question(baseline(difference));
      const told = `${rule}\ngiven ${shown(difference)}\nthe answer is ${shown(answer)}`;
      if (typeof expected === 'object' && expected !== null) expect(answer, told).toMatchObject(expected);
      else expect(answer, told).toEqual(expected);
    });
  }
}

/** One of these kinds, and as much of it as the row is about. */
type PartOf<T extends { readonly kind: string }> = Pick<T, 'kind'> & Readonly<Record<string, unknown>>;

/** A decision by this rule, doing (at least) this. */
export function concludes(rule: RuleId, action: PartOf<Action>): Expected {
  return { rule, action };
}

/** A decision by this rule to run this task. */
export function runs(rule: RuleId, task: PartOf<PostgresTask>): Expected {
  return { rule, action: { kind: 'run', task } };
}

export function waits(rule: RuleId): Expected {
  return concludes(rule, { kind: 'wait' });
}

export function stays(rule: RuleId): Expected {
  return concludes(rule, { kind: 'stay' });
}

function shown(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: 120 });
}
