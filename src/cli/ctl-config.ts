import type { StoreConfig } from '../domain/agent-config.ts';
import { patchConfig } from '../domain/config-patch.ts';
import { isJsonObject, type JsonObject } from '../domain/json.ts';
import { type CtlAccess, readCtlAccess } from '../wire/config/ctl.ts';
import { type Environment, readEnvironment } from '../wire/config/environment.ts';
import type { Section } from '../wire/config/section.ts';
import { readStore } from '../wire/config/store.ts';
import { parseYaml } from '../wire/config/yaml.ts';
import { applyStoreUrl } from './store-url.ts';

/** What the command line needs to know of a configuration. A server's own file is as good as one made for it. */
export type CtlConfig = {
  readonly scope: string | null;
  readonly namespace: string;
  readonly store: StoreConfig;
  /** The group of the member whose file this is; `null`: no cluster of Citus. */
  readonly citusGroup: number | null;
  /** How agents are reached; a sentence when that cannot be used, which matters only to those who call one. */
  readonly access: CtlAccess | string;
};

export type CtlConfigSource = {
  /** Contents of the file, or of each file of the directory in the order of their names; empty: there is none. */
  readonly texts: readonly string[];
  readonly environment: Environment;
  /** `-d`, if given. */
  readonly storeUrl: string | null;
  /** `-k`. */
  readonly insecure: boolean;
};

export type ReadCtlConfig =
  | { readonly kind: 'ok'; readonly config: CtlConfig }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * Files with `PATRONI_*` variables laid over them; without a file `PATRONI_CONFIGURATION` alone, else those variables
 * alone. Nothing is checked but what is used (spec/ctl.md 2).
 */
export function readCtlConfig(source: CtlConfigSource): ReadCtlConfig {
  const merged = mergeSources(source);
  if (typeof merged === 'string') return { kind: 'invalid', message: merged };
  const document = source.storeUrl === null ? merged : applyStoreUrl(merged, source.storeUrl);
  if (typeof document === 'string') return { kind: 'invalid', message: document };
  const root: Section = { path: [], values: document, findings: { problems: [], notices: [] } };
  const store = readStore(root);
  if (store === null || (store.endpoints.length === 0 && store.srv === undefined)) {
    const [found] = root.findings.problems;
    const message = found === undefined ? '' : `: ${found.path.join('.')} ${found.message}`;
    return {
      kind: 'invalid',
      message: `Can not find suitable configuration of distributed configuration store${message}`,
    };
  }
  return {
    kind: 'ok',
    config: {
      store,
      scope: textOf(document, 'scope'),
      namespace: textOf(document, 'namespace') ?? 'service',
      citusGroup: citusGroupIn(document),
      access: readAccess(document, source.insecure),
    },
  };
}

/** The section counts only with a group that is an integer and a database that is a text. */
function citusGroupIn(document: JsonObject): number | null {
  const citus = document['citus'];
  if (!isJsonObject(citus) || typeof citus['database'] !== 'string') return null;
  const group = Number(citus['group'] ?? Number.NaN);
  return Number.isInteger(group) ? group : null;
}

function readAccess(document: JsonObject, insecure: boolean): CtlAccess | string {
  const root: Section = { path: [], values: document, findings: { problems: [], notices: [] } };
  const access = readCtlAccess(root, insecure);
  const [found] = root.findings.problems;
  return found === undefined ? access : `${found.path.join('.')} ${found.message}`;
}

/** @returns a sentence when one of them cannot be read. */
function mergeSources({ texts, environment }: CtlConfigSource): JsonObject | string {
  const whole = environment['PATRONI_CONFIGURATION'] ?? '';
  if (texts.length === 0 && whole !== '') return parsed(whole);
  let document: JsonObject = {};
  for (const text of texts) {
    const next = parsed(text);
    if (typeof next === 'string') return next;
    document = patchConfig(document, next).document;
  }
  return patchConfig(document, readEnvironment(environment).document).document;
}

function parsed(text: string): JsonObject | string {
  const yaml = parseYaml(text);
  if (yaml.kind === 'invalid') return `The configuration is invalid YAML, line ${yaml.line}: ${yaml.message}`;
  return isJsonObject(yaml.value) ? yaml.value : 'The configuration has to be a map of options';
}

function textOf(document: JsonObject, key: string): string | null {
  const value = document[key];
  return typeof value === 'string' && value !== '' ? value : null;
}
