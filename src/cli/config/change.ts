import { patchConfig } from '../../domain/config-patch.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { parseYaml } from '../../wire/config/yaml.ts';
import { isStop, type Stop, stop } from '../stop.ts';

/** What `edit-config` was told to change. A file is its text; `null`: not given. */
export type WantedChange = {
  readonly replace: string | null;
  readonly apply: string | null;
  /** `-s KEY=VALUE`, in the order given. */
  readonly set: readonly string[];
  /** `-p KEY=VALUE`: the same below `postgresql.parameters`; after all of `set`. */
  readonly parameters: readonly string[];
};

/** The configuration as it should be (spec/ctl.md 9). */
export function changedConfig(stored: JsonObject, { replace, apply, set, parameters }: WantedChange): Changed | Stop {
  const replaced = replace === null ? { document: stored } : merged({}, replace);
  if (isStop(replaced)) return replaced;
  const applied = apply === null ? replaced : merged(replaced.document, apply);
  if (isStop(applied)) return applied;
  return withSettings(applied.document, [...set, ...parameters.map((each) => `${PARAMETERS}.${each.trim()}`)]);
}

export type Changed = { readonly document: JsonObject };

const PARAMETERS = 'postgresql.parameters';

/** A file or an edited text: a map in YAML 1.1. */
export function readConfigText(text: string): Changed | Stop {
  const parsed = parseYaml(text);
  if (parsed.kind === 'invalid')
    return stop(`The configuration is invalid YAML, line ${parsed.line}: ${parsed.message}`);
  return isJsonObject(parsed.value) ? { document: parsed.value } : stop('The configuration has to be a map of options');
}

function merged(onto: JsonObject, text: string): Changed | Stop {
  const patch = readConfigText(text);
  return isStop(patch) ? patch : { document: patchConfig(onto, patch.document).document };
}

function withSettings(stored: JsonObject, settings: readonly string[]): Changed | Stop {
  let document = stored;
  for (const setting of settings) {
    const read = readSetting(setting);
    if (isStop(read)) return read;
    document = withValue(document, read.path, read.value);
  }
  return { document };
}

/** `a.b=value`: split at dots, but a parameter's own name may have some (`my_ext.setting`). */
function readSetting(text: string): { readonly path: readonly string[]; readonly value: Json } | Stop {
  const equals = text.indexOf('=');
  if (equals < 0) return stop(`Invalid parameter setting ${text}`);
  const value = parseYaml(text.slice(equals + 1));
  if (value.kind === 'invalid') return stop(`Invalid parameter setting ${text}: ${value.message}`);
  return { path: pathOf(text.slice(0, equals).trim()), value: value.value };
}

function pathOf(key: string): readonly string[] {
  const parameter = /^postgresql\.parameters\.(.+)$/s.exec(key)?.[1];
  return parameter === undefined ? key.split('.') : ['postgresql', 'parameters', parameter];
}

/** `null` takes the key away, and with it the sections that are empty then. What is in the way is replaced by a section. */
function withValue(document: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return document;
  const stored = document[key];
  const below = isJsonObject(stored) ? stored : {};
  const next = rest.length === 0 ? value : withValue(below, rest, value);
  const isGone = next === null || (value === null && isJsonObject(next) && Object.keys(next).length === 0);
  if (!isGone) return { ...document, [key]: next };
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== key));
}
