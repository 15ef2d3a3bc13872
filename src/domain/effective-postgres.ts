import type { AgentConfig, EffectivePostgres, FileSettings } from './agent-config.ts';
import { callbackActions } from './callback.ts';
import { controlledDefaults, isControlled, refusedControlled } from './controlled-parameters.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import { recoverySettings } from './recovery-settings.ts';
import { replicaMethods } from './replica-method.ts';
import { roleSettings, textsOf } from './role-settings.ts';
import { remoteReplicaMethods } from './standby-cluster.ts';
import { isTruthy, truth } from './tags.ts';
import { textForm } from './text-form.ts';
import type { Millis } from './time.ts';
import { seconds } from './time.ts';
import { toolOptions } from './tool-options.ts';

/** What holds for an agent with this file under this dynamic configuration. */
export function effectiveUnder(config: AgentConfig, dynamic: DynamicConfig): ReturnType<typeof effectivePostgres> {
  const { section: local } = config.postgres;
  return effectivePostgres({ local, dynamic: dynamic.postgresql, ...remoteReplicaMethods(dynamic) });
}

/**
 * Lay the local `postgresql` section over the dynamic one. `parameters` merge name by name, except the controlled ones,
 * which come from the dynamic configuration alone; every other local setting hides the dynamic one whole.
 * @param sections `remoteMethods`: what a cluster that follows another one names in place of `create_replica_methods`
 * @returns `warnings`: settings that were not taken as written, one sentence each.
 * @see spec/config.md 5 and 7
 */
export function effectivePostgres(sections: {
  readonly local: JsonObject;
  readonly dynamic: JsonObject;
  readonly remoteMethods?: Json;
}): {
  readonly effective: EffectivePostgres;
  readonly warnings: readonly string[];
} {
  const settings = mergeSections(sections);
  const parameters = mergeParameters(sections.local['parameters'], sections.dynamic['parameters']);
  const recovery = recoverySettings({ section: settings['recovery_conf'], parameters: parameters.values });
  const basebackup = toolOptions('basebackup', settings['basebackup']);
  const rewind = toolOptions('rewind', settings['rewind']);
  const files: FileSettings = {
    parameters: recovery.parameters,
    pgHba: textsOf(settings['pg_hba']),
    pgIdent: textsOf(settings['pg_ident']),
  };
  const { roles, warnings } = roleSettings(settings, files);
  const effective: EffectivePostgres = {
    ...files,
    ...(Object.keys(roles).length > 0 && { roles }),
    usePgRewind: isTruthy(settings['use_pg_rewind']),
    useSlots: truth(sections.dynamic['use_slots']) ?? true,
    removeDataOnRewindFailure: isTruthy(settings['remove_data_directory_on_rewind_failure']),
    removeDataOnDivergedTimelines: isTruthy(settings['remove_data_directory_on_diverged_timelines']),
    basebackupOptions: basebackup.options,
    rewindOptions: rewind.options,
    replicaMethods: replicaMethods(
      sections.remoteMethods ?? settings['create_replica_methods'] ?? settings['create_replica_method'],
      settings,
      basebackup.options,
    ),
    startTimeout: startTimeout(settings['pg_ctl_timeout']),
    recovery: recovery.settings,
    callbacks: callbacksIn(settings['callbacks']),
    prePromote: commandOf(settings['pre_promote']),
    beforeStop: commandOf(settings['before_stop']),
  };
  return { effective, warnings: [...parameters.warnings, ...warnings, ...basebackup.problems, ...rewind.problems] };
}

function mergeSections(sections: { readonly local: JsonObject; readonly dynamic: JsonObject }): JsonObject {
  const dynamic = Object.entries(sections.dynamic).filter(([key]) => !LOCAL_ONLY.has(key));
  return { ...Object.fromEntries(dynamic), ...sections.local };
}

/** A node's own addresses, paths and secrets: the dynamic configuration has no say in them. */
const LOCAL_ONLY: ReadonlySet<string> = new Set([
  'connect_address',
  'proxy_address',
  'listen',
  'config_dir',
  'data_dir',
  'pgpass',
  'authentication',
]);

function mergeParameters(
  local: Json | undefined,
  dynamic: Json | undefined,
): { readonly values: ReadonlyMap<string, string>; readonly warnings: readonly string[] } {
  const values = new Map(controlledDefaults());
  const warnings: string[] = [];
  for (const [name, value] of lowerCased(dynamic)) {
    const refused = refusedControlled(name, value);
    if (refused === null) put(values, name, value);
    else {
      warnings.push(
        `postgresql parameter ${name}=${textForm(value)} failed validation, defaulting to ${refused.fallback ?? 'None'}`,
      );
      if (refused.fallback !== null) values.set(name, refused.fallback);
    }
  }
  for (const [name, value] of lowerCased(local)) {
    if (!isControlled(name)) put(values, name, value);
  }
  return { values, warnings };
}

/** `null` takes a parameter away, the dynamic one too: PostgreSQL then uses its own default. */
function put(values: Map<string, string>, name: string, value: Json): void {
  if (value === null) values.delete(name);
  else values.set(name, textForm(value));
}

/** PostgreSQL does not tell the case of its parameters' names apart, so neither may we: `Work_Mem` is `work_mem`. */
function lowerCased(parameters: Json | undefined): readonly (readonly [string, Json])[] {
  if (!isJsonObject(parameters)) return [];
  return Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value] as const);
}

/** Not a number: the default. Zero or nothing: do not wait. */
function startTimeout(configured: Json | undefined): Millis {
  if (configured === undefined) return DEFAULT_START_TIMEOUT;
  if (!isTruthy(configured)) return seconds(0);
  const span = Number(textForm(configured));
  return Number.isFinite(span) && span >= 0 ? seconds(Math.trunc(span)) : DEFAULT_START_TIMEOUT;
}

const DEFAULT_START_TIMEOUT = seconds(60);

function callbacksIn(section: Json | undefined): EffectivePostgres['callbacks'] {
  if (!isJsonObject(section)) return {};
  const commands = callbackActions.map((action) => [action, commandOf(section[action])] as const);
  return Object.fromEntries(commands.filter(([, command]) => command !== null));
}

function commandOf(command: Json | undefined): string | null {
  return command !== undefined && isTruthy(command) ? textForm(command) : null;
}
