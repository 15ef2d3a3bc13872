import type { Brand } from './brand.ts';

/** A rule's stable name: the same in the decision, the log, the history, the REST API, the tests and docs/rules.md. */
export type RuleName = Brand<string, 'RuleName'>;
