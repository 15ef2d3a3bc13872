import { patchConfig } from '../../domain/config-patch.ts';
import type { JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import type { Environment } from './environment.ts';
import { readEnvironment } from './environment.ts';
import { type ParsedYaml, parseYaml } from './yaml.ts';

export type ConfigSource = {
  /** The file; or a folder's, each laid over those before it. Empty: the environment has to say everything. */
  readonly files: readonly ConfigFile[];
  /** The path that was given, when there is nothing: the environment then says everything, too. */
  readonly missing?: string;
  readonly environment: Environment;
};

export type ConfigFile = { readonly path: string; readonly text: string };

/** Why the agent cannot start with this configuration. */
export type ConfigProblem = {
  /** The option: `postgresql.listen`; empty for the configuration as a whole. */
  readonly path: string;
  /** The file, or the variable that set the option; empty when the message names it. */
  readonly source: string;
  /** In the file, counted from 1; `null` when it is not about a place in a file. */
  readonly line: number | null;
  /** What is wrong and what to do. */
  readonly message: string;
  /** There is no option at all. */
  readonly reason?: 'empty';
};

export type LocalDocument =
  | {
      readonly kind: 'read';
      readonly document: JsonObject;
      /** What of the sources has no effect, one sentence each. */
      readonly notices: readonly string[];
      /** Who set an option, and in which line. */
      readonly placeOf: (path: readonly string[]) => Pick<ConfigProblem, 'source' | 'line'>;
    }
  | { readonly kind: 'invalid'; readonly problem: ConfigProblem };

/**
 * One document from all places that say something about this member: files, with `PATRONI_*` variables laid over them.
 * Without a file `PATRONI_CONFIGURATION` replaces all other variables. Later files win key by key, and a `null` in one
 * takes the key away.
 * @see spec/config.md 3
 */
export function readLocalDocument({ files, missing, environment }: ConfigSource): LocalDocument {
  const whole = environment['PATRONI_CONFIGURATION'] ?? '';
  const isWhole = files.length === 0 && whole !== '';
  const texts = isWhole ? [{ path: 'PATRONI_CONFIGURATION', text: whole }] : files;
  const read: ReadFile[] = [];
  for (const { path, text } of texts) {
    const parsed = parseYaml(text);
    const problem = problemOf(parsed, path);
    if (problem !== null) return { kind: 'invalid', problem };
    if (parsed.kind === 'parsed' && isJsonObject(parsed.value)) read.push({ path, parsed, values: parsed.value });
  }
  const overlay = readEnvironment(isWhole ? {} : environment);
  const layers = [...read.map(({ values }) => values), overlay.document];
  // Laid over nothing: a null at the top takes its key away.
  const document = layers.reduce((below, layer) => patchConfig(below, layer).document, {});
  const source = missing ?? 'environment';
  if (Object.keys(document).length === 0) {
    const message = 'Config is empty. Give a configuration file that is there, or PATRONI_* variables';
    return { kind: 'invalid', problem: { path: '', source, line: null, message, reason: 'empty' } };
  }
  const absent = missing === undefined ? [] : [`${missing} does not exist: the environment says everything`];
  return {
    kind: 'read',
    document,
    notices: [...absent, ...overlay.notices],
    placeOf: (path) => {
      const variable = overlay.origins.get(path.join('.'));
      return variable === undefined ? placeIn(read, path, source) : { source: variable, line: null };
    },
  };
}

/** `patroni.yml:12: postgresql.listen: …`, as compilers do, so that editors find the place. */
export function describeProblem({ path, source, line, message }: ConfigProblem): string {
  const place = line === null ? source : `${source}:${line}`;
  return [place, path, message].filter((part) => part !== '').join(': ');
}

type ReadFile = {
  readonly path: string;
  readonly parsed: Extract<ParsedYaml, { kind: 'parsed' }>;
  readonly values: JsonObject;
};

function problemOf(parsed: ParsedYaml, path: string): ConfigProblem | null {
  if (parsed.kind === 'invalid') {
    return { path: '', source: path, line: parsed.line, message: `invalid YAML: ${parsed.message}` };
  }
  if (isJsonObject(parsed.value)) return null;
  const message = `invalid config file ${path}: it must be a map of options, and it is empty, a list or a single value`;
  return { path: '', source: '', line: null, message };
}

/** The file that says most of the path; of several the last, which wins. */
function placeIn(
  files: readonly ReadFile[],
  path: readonly string[],
  otherwise: string,
): Pick<ConfigProblem, 'source' | 'line'> {
  const deepest = Math.max(0, ...files.map(({ parsed }) => parsed.depthOf(path)));
  const file = files.findLast(({ parsed }) => parsed.depthOf(path) === deepest);
  if (file === undefined) return { source: otherwise, line: null };
  return { source: file.path, line: file.parsed.lineOf(path) };
}
