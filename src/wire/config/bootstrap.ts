import type { BootstrapConfig } from '../../domain/agent-config.ts';
import type { JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import { remoteSource } from '../../domain/standby-cluster.ts';
import { isTruthy } from '../../domain/tags.ts';
import { toolOptions } from '../../domain/tool-options.ts';
import { readDynamicConfig } from './dynamic.ts';
import type { Section } from './section.ts';
import { hasSection, notice, subsection, text, texts } from './section.ts';

/**
 * How this node would create a cluster. It matters once in a cluster's life, so what is wrong here does not keep an
 * agent from starting: the node then never creates a cluster, and says why.
 * @returns `null`: this node creates none.
 * @see spec/config.md 9.5
 */
export function readBootstrap(root: Section): BootstrapConfig | null {
  if (!hasSection(root, 'bootstrap')) return null;
  const section = subsection(root, 'bootstrap');
  const dynamic = subsection(section, 'dcs').values;
  const initdb = toolOptions('initdb', section.values['initdb']);
  const obstacle = customMethod(section) ?? nothingToCopy(dynamic) ?? readDynamicConfig(dynamic).rejected;
  for (const reason of [...(obstacle === null ? [] : [obstacle]), ...initdb.problems]) {
    notice(root, 'bootstrap', `this node will not create a cluster: ${reason}`);
  }
  if (section.values['users'] !== undefined) notice(section, 'users', 'is not supported any more and has no effect');
  if (obstacle !== null || initdb.problems.length > 0) return null;
  return {
    dynamic: Object.keys(dynamic).length === 0 ? NOTHING_CONFIGURED : dynamic,
    initdbOptions: initdb.options,
    pgHba: texts(section, 'pg_hba'),
    postBootstrap: text(section, 'post_bootstrap') ?? text(section, 'post_init'),
  };
}

/** An empty document in the store means "write yours", never "defaults" (spec/dcs.md T-11). */
const NOTHING_CONFIGURED: JsonObject = { ttl: 30, loop_wait: 10, retry_timeout: 10 };

/** Falling back to initdb would create an empty cluster where a restored one is wanted. */
function customMethod(section: Section): string | null {
  const method = text(section, 'method') ?? 'initdb';
  if (method === 'initdb') return null;
  const custom = section.values[method];
  const isUsable = isJsonObject(custom) && isTruthy(custom['command']);
  return isUsable ? `the custom bootstrap method "${method}" is not active yet` : null;
}

/** A standby cluster begins with a copy, and an archive alone gives none without a method of its own. */
function nothingToCopy(dynamic: JsonObject): string | null {
  const remote = remoteSource(readDynamicConfig(dynamic).config);
  if (remote === null || remote.address !== null) return null;
  return 'standby_cluster names no host to copy, and methods of its own to create a replica are not active yet';
}
