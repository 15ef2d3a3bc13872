import type { BootstrapConfig } from '../../domain/agent-config.ts';
import { type CustomBootstrap, customBootstrap } from '../../domain/custom-bootstrap.ts';
import { NOTHING_CONFIGURED, saysNothing } from '../../domain/dynamic-config.ts';
import { effectivePostgres } from '../../domain/effective-postgres.ts';
import type { JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import { withoutLeader } from '../../domain/replica-method.ts';
import { remoteReplicaMethods, remoteSource } from '../../domain/standby-cluster.ts';
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
  const custom = customMethod(section);
  const obstacle = nothingToCopy(root, dynamic) ?? readDynamicConfig(dynamic).rejected;
  // Options for initdb matter only where it is run.
  const unusable = custom === null ? initdb.problems : [];
  for (const reason of [...(obstacle === null ? [] : [obstacle]), ...unusable]) {
    notice(root, 'bootstrap', `this node will not create a cluster: ${reason}`);
  }
  if (section.values['users'] !== undefined) notice(section, 'users', 'is not supported any more and has no effect');
  if (obstacle !== null || unusable.length > 0) return null;
  return {
    dynamic: saysNothing(dynamic) ? NOTHING_CONFIGURED : dynamic,
    initdbOptions: initdb.options,
    pgHba: texts(section, 'pg_hba'),
    custom,
    postBootstrap: text(section, 'post_bootstrap') ?? text(section, 'post_init'),
  };
}

/** Falling back to initdb would create an empty cluster where a restored one is wanted; a section without a command is none. */
function customMethod(section: Section): CustomBootstrap | null {
  const method = text(section, 'method') ?? 'initdb';
  const custom = section.values[method];
  return method !== 'initdb' && isJsonObject(custom) ? customBootstrap(method, custom) : null;
}

/** A standby cluster begins with a copy, and an archive alone gives one only by a method that needs nobody to copy. */
function nothingToCopy(root: Section, dynamic: JsonObject): string | null {
  const { config } = readDynamicConfig(dynamic);
  const remote = remoteSource(config);
  if (remote === null || remote.address !== null) return null;
  const local = subsection(root, 'postgresql').values;
  const sections = { local, dynamic: config.postgresql, ...remoteReplicaMethods(config) };
  const methods = effectivePostgres(sections).effective.replicaMethods;
  return withoutLeader(methods).length > 0
    ? null
    : 'standby_cluster names no host to copy, and no method of create_replica_methods has no_leader set';
}
