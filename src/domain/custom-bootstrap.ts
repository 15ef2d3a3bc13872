import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import { isTruthy, truth } from './tags.ts';
import { textForm } from './text-form.ts';

/** A new cluster by an operator's own command, perhaps out of a backup (spec/postgres.md 9.2). */
export type CustomBootstrap = {
  /** The section's name, for people. */
  readonly name: string;
  readonly command: string;
  /** The section's other settings: `--arg1=value`. */
  readonly options: readonly string[];
  /** Say scope and data directory in arguments of our own. */
  readonly tellsPlace: boolean;
  readonly recovery: RestoredRecovery;
};

/** How what the command left is started. */
export type RestoredRecovery =
  /** As it is, with nothing to recover but a crash. */
  | { readonly kind: 'none' }
  /** The command itself has written what recovery needs. */
  | { readonly kind: 'kept' }
  | {
      readonly kind: 'settings';
      readonly settings: Readonly<Record<string, string>>;
      readonly signal: 'standby' | 'recovery';
    };

/** @returns `null`: the section has no command, so there is no such method. */
export function customBootstrap(name: string, section: JsonObject): CustomBootstrap | null {
  const { command } = section;
  if (command === undefined || !isTruthy(command)) return null;
  const tellsPlace = !isTruthy(section['no_params']);
  const options = Object.entries(section).filter(([key]) => !OURS.has(key));
  return {
    name,
    command: textForm(command),
    options: options.map(([key, value]) => `--${key}=${textForm(value)}`),
    tellsPlace,
    recovery: restoredRecovery(section),
  };
}

/** The arguments of ours come first. */
export function bootstrapArguments(
  { options, tellsPlace }: CustomBootstrap,
  place: { readonly scope: string; readonly dataDir: string },
): readonly string[] {
  return tellsPlace ? [`--scope=${place.scope}`, `--datadir=${place.dataDir}`, ...options] : options;
}

/**
 * Does the server reject connections until it has promoted itself? It does where recovery ends that way, so that nobody
 * takes it for the cluster before it is (spec/postgres.md 6.8).
 */
export function isClosedWhileRecovering(recovery: RestoredRecovery): boolean {
  if (recovery.kind !== 'settings') return recovery.kind === 'kept';
  return recovery.settings['recovery_target_action'] === 'promote';
}

function restoredRecovery(section: JsonObject): RestoredRecovery {
  const configured = section['recovery_conf'];
  if (isJsonObject(configured) && isTruthy(configured)) return recoveryFrom(configured);
  return { kind: isTruthy(section['keep_existing_recovery_conf']) ? 'kept' : 'none' };
}

function recoveryFrom(configured: JsonObject): RestoredRecovery {
  const given = new Map(Object.entries(configured).map(([key, value]) => [key.toLowerCase(), value] as const));
  const settings = [...given].filter(([key, value]) => !FORMER.has(key) && value !== null);
  const paused = given.get('pause_at_recovery_target');
  return {
    kind: 'settings',
    settings: {
      ...(paused !== undefined && { recovery_target_action: isSwitchedOff(paused) ? 'promote' : 'pause' }),
      ...Object.fromEntries(settings.map(([key, value]) => [key, textForm(value)])),
    },
    signal: truth(given.get('standby_mode')) === true ? 'standby' : 'recovery',
  };
}

function isSwitchedOff(value: Json): boolean {
  return truth(value) === false;
}

const OURS: ReadonlySet<string> = new Set([
  'command',
  'no_params',
  'keep_existing_recovery_conf',
  'recovery_conf',
  'scope',
  'datadir',
]);

/** Settings of old versions that others have taken the place of. */
const FORMER: ReadonlySet<string> = new Set(['standby_mode', 'pause_at_recovery_target', 'trigger_file']);
