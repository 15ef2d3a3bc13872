import { rulesOfKeeping } from './rules-keeping.ts';
import { rulesOfLeading } from './rules-leading.ts';
import { rulesOfStarting } from './rules-starting.ts';

/**
 * Every rule, by the question that it answers. docs/rules.md is made from this table.
 * A name never changes its meaning: it stands in logs, histories, alerts and tests.
 */
export const rules = { ...rulesOfKeeping, ...rulesOfStarting, ...rulesOfLeading } as const;

export type RuleId = keyof typeof rules;
