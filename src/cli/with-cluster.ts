import { clusterPrefix } from '../wire/store-keys.ts';
import type { ExitCode, GlobalOptions, OperatorLine } from './command-line.ts';
import { groupingOf } from './groups.ts';
import { loadConfig } from './load-config.ts';
import { type Cluster, OpenClusters } from './open-clusters.ts';
import { isStop, type Stop, stop } from './stop.ts';

export type { Cluster };

export type ClusterOptions = GlobalOptions & {
  /** `null`: the configured scope. */
  readonly cluster: string | null;
};

/**
 * Find the configuration and the cluster, do `work`, and close what was opened. What stops the work is said on standard
 * error, and ends with 1. `withoutGroup`: which groups of a Citus cluster are meant when none is named.
 */
export async function withCluster(
  options: ClusterOptions,
  line: OperatorLine,
  work: (cluster: Cluster) => Promise<ExitCode | Stop>,
  withoutGroup: 'all' | 'the-configured-one' = 'all',
): Promise<ExitCode> {
  const loaded = loadConfig(options, line);
  if (loaded.kind === 'invalid') return told(stop(loaded.message), line);
  const { config } = loaded;
  const name = options.cluster ?? config.scope;
  if (name === null) {
    return told(stop('No cluster is named: give its name, or a configuration (-c FILE) with its scope'), line);
  }
  // Slashes around a name do not matter, so below such a one would be the keys of all clusters.
  if (/^\/*$/.test(name)) return told(stop(`'${name}' is the name of no cluster`), line);
  const prefix = clusterPrefix({ namespace: config.namespace, scope: name });
  const clusters = new OpenClusters({ name, prefix, config, line });
  try {
    const ended = await work(clusters.open(groupingOf(options, config, withoutGroup)));
    return isStop(ended) ? told(ended, line) : ended;
  } finally {
    await clusters.close();
  }
}

function told({ line: text }: Stop, { stderr }: OperatorLine): ExitCode {
  stderr.write(`${text}\n`);
  return 1;
}
