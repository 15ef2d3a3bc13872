import type { Brand } from './brand.ts';

/** A rule's stable name: the same in the decision, the log, the history, the REST API, the tests and docs/rules.md. */
export type RuleName = Brand<string, 'RuleName'>;

/** Only the table of rules calls this, so that no rule exists that is not in it. */
export function ruleName(text: string): RuleName {
  return text as RuleName;
}
