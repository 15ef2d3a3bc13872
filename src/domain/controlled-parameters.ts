import type { Json } from './json.ts';
import { parseInteger } from './quantity.ts';
import { truth } from './tags.ts';

/**
 * Is this parameter set by the agent, alike on all members, and never by the local file?
 * @param name in lower case
 */
export function isControlled(name: string): boolean {
  return CONTROLLED.has(name);
}

/**
 * Check a controlled parameter's value from the dynamic configuration.
 * @returns `null` when it is good; else the default that takes its place (`null` inside: it may not be set at all).
 */
export function refusedControlled(name: string, value: Json): { readonly fallback: string | null } | null {
  const rule = CONTROLLED.get(name);
  return rule === undefined || rule.accepts(value) ? null : { fallback: rule.fallback };
}

/** What holds without any configuration. What `wal_keep_*` then is comes with the server's own name for it. */
export function controlledDefaults(): readonly (readonly [name: string, value: string])[] {
  return [...CONTROLLED].flatMap(([name, rule]) =>
    rule.fallback === null || name.startsWith('wal_keep_') ? [] : [[name, rule.fallback] as const],
  );
}

type Rule = { readonly fallback: string | null; accepts(value: Json): boolean };

/** Decided by `postgresql.listen` and `scope`. */
const never: Rule = { fallback: null, accepts: () => false };
const isBoolean = (value: Json): boolean => truth(value) !== null;

/** There is no clamping: a value below the minimum gives way to the default. */
function integer(fallback: string, minimum: number): Rule {
  return { fallback, accepts: (value) => (parseInteger(value) ?? Number.NEGATIVE_INFINITY) >= minimum };
}

/** spec/config.md 7.1 */
const CONTROLLED: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['listen_addresses', never],
  ['port', never],
  ['cluster_name', never],
  [
    'wal_level',
    {
      fallback: 'hot_standby',
      accepts: (value) => typeof value === 'string' && /^(hot_standby|replica|logical)$/i.test(value),
    },
  ],
  ['hot_standby', { fallback: 'on', accepts: (value) => truth(value) === true }],
  ['max_connections', integer('100', 25)],
  ['max_wal_senders', integer('10', 3)],
  ['wal_keep_segments', integer('8', 1)],
  ['wal_keep_size', { fallback: '128MB', accepts: (value) => (parseInteger(value, 'MB') ?? 0) >= 16 }],
  ['max_prepared_transactions', integer('0', 0)],
  ['max_locks_per_transaction', integer('64', 32)],
  ['track_commit_timestamp', { fallback: 'off', accepts: isBoolean }],
  ['max_replication_slots', integer('10', 4)],
  ['max_worker_processes', integer('8', 2)],
  ['wal_log_hints', { fallback: 'on', accepts: isBoolean }],
]);
