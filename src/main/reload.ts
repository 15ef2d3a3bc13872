import type { Api } from '../api/start-api.ts';
import type { AgentConfig } from '../domain/agent-config.ts';
import { deepEqual } from '../domain/deep-equal.ts';
import type { Log } from '../ports/log.ts';
import type { LoadedConfig } from '../wire/config/load.ts';
import { describeProblem } from '../wire/config/local-document.ts';

/**
 * The configuration to go by after a reload was asked for. A broken one changes nothing, and what counts only from the next
 * start of the agent stays as it is: both are said. Whatever comes of it, PostgreSQL is to write its files and reload.
 * @param inForce what the agent goes by now
 * @see spec/config.md 10
 */
export function reloadedConfiguration(inForce: AgentConfig, loaded: LoadedConfig, log: Log): AgentConfig {
  if (loaded.kind === 'invalid') {
    for (const problem of loaded.problems)
      log.write('error', 'configuration-refused', { problem: describeProblem(problem) });
    return inForce;
  }
  const { config, kept } = withWhatStays(inForce, loaded.config);
  for (const option of kept) {
    const notice = `${option}: counts from the next start of the agent`;
    log.write('warn', 'configuration', { notice });
  }
  if (deepEqual(config, inForce)) {
    log.write('info', 'reload', { message: 'No local configuration items changed.' });
    return inForce;
  }
  const notices = config.notices.filter((each) => !inForce.notices.includes(each));
  for (const notice of notices) log.write('warn', 'configuration', { notice });
  log.write('info', 'reload', {
    changed: sections.filter((each) => !deepEqual(config[each], inForce[each])).join(','),
  });
  return config;
}

/**
 * Go by what is wanted. What others find of the REST API is published: another address or TLS counts once it is served, and
 * the rest does not wait for that.
 * @param inForce changes with it
 * @param api `null`: nothing is served yet
 */
export async function takeUp(
  wanted: AgentConfig,
  inForce: { config: AgentConfig },
  api: Pick<Api, 'reload'> | null,
  tell: (config: AgentConfig) => void,
): Promise<void> {
  const take = (config: AgentConfig): void => {
    inForce.config = config;
    tell(config);
  };
  const { client } = wanted.api;
  const served = { ...inForce.config.api, client };
  take(api === null || deepEqual(wanted.api, served) ? wanted : { ...wanted, api: served });
  const taken = await api?.reload(wanted.api);
  if (taken === undefined) return;
  // Another reload may have come meanwhile: its other sections stay, and what is served now is told all the same.
  const told = { ...taken, client: inForce.config.api.client };
  if (!deepEqual(told, inForce.config.api)) take({ ...inForce.config, api: told });
}

const sections = ['tags', 'api', 'postgres', 'bootstrap', 'watchdog', 'log'] as const;

/** What heartbeat, guardian, processes and the keys in the store go by as long as this agent lives. */
function withWhatStays(
  inForce: AgentConfig,
  wanted: AgentConfig,
): { readonly config: AgentConfig; readonly kept: readonly string[] } {
  const { name, scope, namespace, store, postgres } = inForce;
  const { dataDir, configDir, binDir, pgpassFile, database } = postgres;
  const moved = STAYING.filter((key) => wanted.postgres.section[key] !== postgres.section[key]);
  const section = Object.fromEntries([
    ...Object.entries(wanted.postgres.section).filter(([key]) => !STAYING.some((each) => each === key)),
    ...Object.entries(postgres.section).filter(([key]) => STAYING.some((each) => each === key)),
  ]);
  const paths = { dataDir, configDir, binDir, pgpassFile, database };
  return {
    config: { ...wanted, name, scope, namespace, store, postgres: { ...wanted.postgres, ...paths, section } },
    kept: [
      ...(['name', 'scope', 'namespace'] as const).filter((key) => wanted[key] !== inForce[key]),
      ...(deepEqual(wanted.store, store) ? [] : [store.kind]),
      ...moved.map((key) => `postgresql.${key}`),
    ],
  };
}

const STAYING = ['data_dir', 'config_dir', 'bin_dir', 'pgpass', 'database'] as const;
