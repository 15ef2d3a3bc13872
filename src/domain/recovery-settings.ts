import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { textForm } from './text-form.ts';

export type RecoverySplit = {
  readonly parameters: Readonly<Record<string, string>>;
  /** Extra settings for standbys; never targets, upstream or slot, which are the agent's own. */
  readonly settings: Readonly<Record<string, string>>;
};

/**
 * Separate recovery settings from parameters. Those written among the parameters (as PostgreSQL 12 made them look)
 * replace the whole `recovery_conf` section.
 * @see spec/config.md 13, spec/postgres.md 7.2
 */
export function recoverySettings(configured: {
  readonly section: Json | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}): RecoverySplit {
  const parameters = [...configured.parameters].filter(([name]) => !isRecoverySetting(name));
  const misplaced = [...configured.parameters].filter(([name]) => isRecoverySetting(name));
  const own = misplaced.length > 0 ? misplaced : entriesOf(configured.section);
  return {
    parameters: Object.fromEntries(parameters),
    settings: Object.fromEntries(own.filter(([name]) => FOR_STANDBYS.has(name))),
  };
}

function entriesOf(section: Json | undefined): readonly (readonly [string, string])[] {
  if (!isJsonObject(section)) return [];
  return Object.entries(section)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name.toLowerCase(), textForm(value)] as const);
}

/** Where a standby gets WAL from besides its upstream, and how far behind it stays. */
const FOR_STANDBYS: ReadonlySet<string> = new Set([
  'archive_cleanup_command',
  'recovery_end_command',
  'recovery_min_apply_delay',
  'restore_command',
]);

/** Old names and those that the agent sets itself: they never reach the file from here. */
const AGENTS_OWN: ReadonlySet<string> = new Set([
  'pause_at_recovery_target',
  'primary_conninfo',
  'primary_slot_name',
  'promote_trigger_file',
  'standby_mode',
  'trigger_file',
]);

function isRecoverySetting(name: string): boolean {
  return FOR_STANDBYS.has(name) || AGENTS_OWN.has(name) || /^recovery_target(_|$)/.test(name);
}
