import { resolve } from 'node:path';
import type { AgentConfig } from '../domain/agent-config.ts';

/**
 * PostgreSQL's paths, which a person may write from where the agent is started (`data_dir: data/postgresql0`): the server, its
 * programs and the guardian work elsewhere.
 * @param folder where the agent was started
 */
export function withAbsolutePaths(config: AgentConfig, folder: string): AgentConfig {
  const { dataDir, configDir, binDir, pgpassFile } = config.postgres;
  const paths = {
    dataDir: resolve(folder, dataDir),
    configDir: resolve(folder, configDir),
    // Without one programs are looked for in PATH.
    binDir: binDir === '' ? '' : resolve(folder, binDir),
    pgpassFile: resolve(folder, pgpassFile),
  };
  return { ...config, postgres: { ...config.postgres, ...paths } };
}
