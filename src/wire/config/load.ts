import type { AgentConfig } from '../../domain/agent-config.ts';
import { isJsonObject } from '../../domain/json.ts';
import { readApi } from './api.ts';
import { readBootstrap } from './bootstrap.ts';
import type { Environment } from './environment.ts';
import type { ConfigProblem, ConfigSource } from './local-document.ts';
import { readLocalDocument } from './local-document.ts';
import { readLog } from './logging.ts';
import { readIdentity } from './member.ts';
import { noteInactive } from './not-yet-active.ts';
import { readPostgres } from './postgres.ts';
import type { OptionProblem, Section } from './section.ts';
import { problem } from './section.ts';
import { readStore } from './store.ts';
import { readWatchdog } from './watchdog.ts';

export type LoadedConfig =
  | { readonly kind: 'ok'; readonly config: AgentConfig }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/**
 * Load one agent's own configuration: the file, with `PATRONI_*` variables laid over it. Every option of a Patroni file
 * is accepted; those without effect so far are named in `notices`.
 * @see spec/config.md 3, 4 and 9
 */
export function loadAgentConfig(source: ConfigSource): LoadedConfig {
  const read = readLocalDocument(source);
  if (read.kind === 'invalid') return { kind: 'invalid', problems: [read.problem] };
  const root: Section = { path: [], values: read.document, findings: { problems: [], notices: [] } };
  const config = readSections(root, source.environment);
  const { problems, notices } = root.findings;
  if (problems.length > 0 || config === null) {
    return { kind: 'invalid', problems: problems.map((each) => located(each, read.placeOf)) };
  }
  return { kind: 'ok', config: { ...config, notices: [...read.notices, ...notices] } };
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

function located(
  { path, message }: OptionProblem,
  placeOf: (path: readonly string[]) => Pick<ConfigProblem, 'source' | 'line'>,
): ConfigProblem {
  return { path: path.join('.'), ...placeOf(path), message };
}
