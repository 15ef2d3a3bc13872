import type { Json, JsonObject } from '../../domain/json.ts';
import { isJsonList, isJsonObject } from '../../domain/json.ts';
import { parseInteger } from '../../domain/quantity.ts';
import { truth } from '../../domain/tags.ts';
import type { VariableForm } from './environment-variables.ts';
import { fixedVariables, storeCredentials, storeSuffixes } from './environment-variables.ts';
import { parseYaml } from './yaml.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export type EnvironmentOverlay = {
  /** To be laid over the file. */
  readonly document: JsonObject;
  /** Which variable set an option: its path joined by dots → `PATRONI_…`. */
  readonly origins: ReadonlyMap<string, string>;
  /** Variables whose text cannot be used, one sentence each; they have no effect. */
  readonly notices: readonly string[];
};

/**
 * Read the `PATRONI_*` variables. Empty ones count as not set, except texts and lists of a store's section.
 * @see spec/config.md 4
 */
export function readEnvironment(environment: Environment): EnvironmentOverlay {
  const overlay = new Overlay();
  const taken = new Set<string>(['PATRONI_CONFIGURATION']);
  for (const { name, path, form } of fixedVariables) {
    const variable = `PATRONI_${name}`;
    taken.add(variable);
    const text = environment[variable];
    if (text !== undefined && text !== '') overlay.put({ variable, path, form, text });
  }
  for (const { name } of storeCredentials) taken.add(`PATRONI_${name}`);
  for (const variable of Object.keys(environment).sort()) {
    const text = environment[variable];
    const target = taken.has(variable) ? null : storeOption(variable);
    if (target !== null && text !== undefined) overlay.put({ variable, ...target, text });
  }
  for (const { section, name, key } of storeCredentials) {
    const text = environment[`PATRONI_${name}`];
    if (text === undefined || text === '' || !overlay.has(section)) continue;
    overlay.put({ variable: `PATRONI_${name}`, path: [section, key], form: 'text', text });
  }
  return overlay.result();
}

/** Whether a variable is one of those read here: children of the agent are not to see it. */
export function isConfigVariable(name: string): boolean {
  if (name === 'PATRONI_CONFIGURATION' || storeOption(name) !== null) return true;
  return [...fixedVariables, ...storeCredentials].some((each) => `PATRONI_${each.name}` === name);
}

type Setting = {
  readonly variable: string;
  readonly path: readonly string[];
  readonly form: VariableForm;
  readonly text: string;
};

/** `PATRONI_<STORE>_<SUFFIX>`; other variables of that prefix are nobody's. */
function storeOption(variable: string): { readonly path: readonly string[]; readonly form: VariableForm } | null {
  const [, section, suffix] = /^PATRONI_([^_]+)_(.+)$/.exec(variable) ?? [];
  if (section === undefined || suffix === undefined) return null;
  const form = storeSuffixes.get(suffix);
  // A Citus section comes from its two own variables only.
  if (form === undefined || section === 'CITUS') return null;
  return { path: [section.toLowerCase(), suffix.toLowerCase()], form };
}

/** Collects settings; lives as long as one reading of the environment. */
class Overlay {
  readonly #root = new Map<string, Branch>();
  readonly #origins = new Map<string, string>();
  readonly #notices: string[] = [];

  put({ variable, path, form, text }: Setting): void {
    const value = readText(form, text);
    if (value === null) {
      this.#notices.push(`${variable} has no effect: its value is no ${form}`);
      return;
    }
    this.#origins.set(path.join('.'), variable);
    place(this.#root, path, value);
  }

  has(section: string): boolean {
    return this.#root.has(section);
  }

  result(): EnvironmentOverlay {
    return { document: plain(this.#root), origins: this.#origins, notices: this.#notices };
  }
}

type Branch = Map<string, Branch> | { readonly value: Json };

function place(branch: Map<string, Branch>, path: readonly string[], value: Json): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    branch.set(key, { value });
    return;
  }
  const next = branch.get(key);
  const child = next instanceof Map ? next : new Map<string, Branch>();
  branch.set(key, child);
  place(child, rest, value);
}

function plain(branch: ReadonlyMap<string, Branch>): JsonObject {
  return Object.fromEntries(
    [...branch].map(([key, child]) => [key, child instanceof Map ? plain(child) : child.value] as const),
  );
}

/** @returns `null` when the text does not have that form. */
function readText(form: VariableForm, text: string): Json {
  switch (form) {
    case 'text':
      return text;
    case 'boolean':
      return truth(text);
    case 'integer':
      return text === '' ? '' : parseInteger(text);
    case 'real':
      return Number.isFinite(Number(text)) ? Number(text) : null;
    case 'list':
      return text === '' ? '' : readList(text);
    case 'dictionary':
      return text === '' ? {} : readDictionary(text);
    case 'log-format':
      return /%\(\w+\)/.test(text) ? text : (readList(text) ?? text);
  }
}

/** `a, b` is as good as `[a, b]`. An item with a colon and a blank is a map, so `host:port` items are best quoted. */
function readList(text: string): readonly Json[] | null {
  const isYamlList = text.trimStart().startsWith('-') || text.includes('[');
  const parsed = parseYaml(isYamlList ? text : `[${text}]`);
  return parsed.kind === 'parsed' && isJsonList(parsed.value) ? parsed.value : null;
}

function readDictionary(text: string): JsonObject | null {
  const parsed = parseYaml(text.trimStart().startsWith('{') ? text : `{${text}}`);
  return parsed.kind === 'parsed' && isJsonObject(parsed.value) ? parsed.value : null;
}
