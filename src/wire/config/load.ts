import type { AgentConfig } from '../../domain/agent-config.ts';
import { patchConfig } from '../../domain/config-patch.ts';
import type { JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import { readApi } from './api.ts';
import { readBootstrap } from './bootstrap.ts';
import type { Environment } from './environment.ts';
import { readEnvironment } from './environment.ts';
import { readLog } from './logging.ts';
import { readIdentity } from './member.ts';
import { noteInactive } from './not-yet-active.ts';
import { readPostgres } from './postgres.ts';
import type { OptionProblem, Section } from './section.ts';
import { problem } from './section.ts';
import { readStore } from './store.ts';
import { readWatchdog } from './watchdog.ts';
import type { LineOf } from './yaml.ts';
import { parseYaml } from './yaml.ts';

export type ConfigSource = {
  /** The file's content; `null`: there is no file, and the environment has to say everything. */
  readonly text: string | null;
  /** How the file is called in messages. */
  readonly path: string;
  readonly environment: Environment;
};

export type LoadedConfig =
  | { readonly kind: 'ok'; readonly config: AgentConfig }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/** Why the agent cannot start with this configuration. */
export type ConfigProblem = {
  /** The option: `postgresql.listen`; empty for the configuration as a whole. */
  readonly path: string;
  /** The file, or the variable that set the option. */
  readonly source: string;
  /** In the file, counted from 1; `null` when it is not about a place in a file. */
  readonly line: number | null;
  /** What is wrong and what to do. */
  readonly message: string;
};

/**
 * Load one agent's own configuration: the file, with `PATRONI_*` variables laid over it. Every option of a Patroni file
 * is accepted; those without effect so far are named in `notices`.
 * @see spec/config.md 3, 4 and 9
 */
export function loadAgentConfig(source: ConfigSource): LoadedConfig {
  const overlay = readEnvironment(source.environment);
  const base = readBase(source);
  if (base.kind === 'invalid') return { kind: 'invalid', problems: [base.problem] };
  const document = base.replacesEnvironment ? base.document : patchConfig(base.document, overlay.document).document;
  if (Object.keys(document).length === 0) {
    const message = `Config is empty: give a configuration file, or PATRONI_* variables`;
    return { kind: 'invalid', problems: [{ path: '', source: source.path, line: null, message }] };
  }
  const root: Section = { path: [], values: document, findings: { problems: [], notices: [] } };
  const config = readSections(root, source.environment);
  const { problems, notices } = root.findings;
  if (problems.length > 0 || config === null) {
    const origins = base.replacesEnvironment ? NO_ORIGINS : overlay.origins;
    return { kind: 'invalid', problems: problems.map((each) => locate(each, { ...base, origins })) };
  }
  return { kind: 'ok', config: { ...config, notices: [...overlay.notices, ...notices] } };
}

/** `patroni.yml:12: postgresql.listen: …`, as compilers do, so that editors find the place. */
export function describeProblem({ path, source, line, message }: ConfigProblem): string {
  const place = line === null ? source : `${source}:${line}`;
  return [place, path, message].filter((part) => part !== '').join(': ');
}

const NO_ORIGINS: ReadonlyMap<string, string> = new Map();

type Base =
  | {
      readonly kind: 'read';
      readonly document: JsonObject;
      readonly source: string;
      readonly lineOf: LineOf | null;
      readonly replacesEnvironment: boolean;
    }
  | { readonly kind: 'invalid'; readonly problem: ConfigProblem };

/** The file; without one `PATRONI_CONFIGURATION`, which replaces all other variables; else nothing but those. */
function readBase({ text, path, environment }: ConfigSource): Base {
  const whole = environment['PATRONI_CONFIGURATION'] ?? '';
  if (text !== null) return readDocument(text, { source: path, replacesEnvironment: false });
  if (whole !== '') return readDocument(whole, { source: 'PATRONI_CONFIGURATION', replacesEnvironment: true });
  return { kind: 'read', document: {}, source: path, lineOf: null, replacesEnvironment: false };
}

function readDocument(
  text: string,
  { source, replacesEnvironment }: { readonly source: string; readonly replacesEnvironment: boolean },
): Base {
  const parsed = parseYaml(text);
  if (parsed.kind === 'invalid') {
    const { line, message } = parsed;
    return { kind: 'invalid', problem: { path: '', source, line, message: `invalid YAML: ${message}` } };
  }
  if (!isJsonObject(parsed.value)) {
    const message = 'invalid config file: it must be a map of options, and it is empty, a list or a single value';
    return { kind: 'invalid', problem: { path: '', source, line: null, message } };
  }
  // Laid over nothing: a null at the top takes its key away (spec/config.md 3).
  const { document } = patchConfig({}, parsed.value);
  return { kind: 'read', document, source, lineOf: parsed.lineOf, replacesEnvironment };
}

function readSections(root: Section, environment: Environment): AgentConfig | null {
  const identity = readIdentity(root);
  const store = readStore(root);
  const config = {
    ...identity,
    api: readApi(root),
    postgres: readPostgres(root, environment),
    bootstrap: readBootstrap(root),
    watchdog: readWatchdog(root),
    log: readLog(root),
    notices: [],
  };
  refuseCitus(root);
  noteInactive(root);
  return store === null ? null : { ...config, store };
}

/** A Citus group has keys of its own in the store: without that part a second cluster would come into being. */
function refuseCitus(root: Section): void {
  const citus = root.values['citus'];
  if (!isJsonObject(citus) || typeof citus['group'] !== 'number' || typeof citus['database'] !== 'string') return;
  problem(root, 'citus', 'Citus is not supported yet');
}

function locate(
  found: OptionProblem,
  base: {
    readonly source: string;
    readonly lineOf: LineOf | null;
    readonly origins: ReadonlyMap<string, string>;
  },
): ConfigProblem {
  const path = found.path.join('.');
  const variable = base.origins.get(path);
  const { message } = found;
  if (variable !== undefined) return { path, source: variable, line: null, message };
  return { path, source: base.source, line: base.lineOf?.(found.path) ?? null, message };
}
