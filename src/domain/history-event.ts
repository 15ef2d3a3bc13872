import type { Json } from './json.ts';

/** Something that changed, and why, as the agent's history keeps it. */
export type HistoryEvent = {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The member whose agent noticed. */
  readonly member: string;
  readonly event: string;
  /** The rule that led to it; `null`: none did. */
  readonly rule: string | null;
  readonly level: 'error' | 'warn' | 'info';
  readonly facts: Readonly<Record<string, Json>>;
};
