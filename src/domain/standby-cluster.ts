import type { DynamicConfig } from './dynamic-config.ts';
import { isJsonObject } from './json.ts';
import { isTruthy } from './tags.ts';

/** Does this whole cluster follow another one? So it does when `standby_cluster` says where WAL comes from. */
export function isStandbyCluster(dynamic: DynamicConfig): boolean {
  const section = dynamic.document['standby_cluster'];
  if (!isJsonObject(section)) return false;
  return Object.entries(section).some(([name, value]) => sources.has(name) && isTruthy(value));
}

/** A standby cluster's leader accepts no write that a standby could confirm: the mode has no effect there. */
export function synchronousModeInForce(dynamic: DynamicConfig): DynamicConfig['synchronousMode'] {
  return isStandbyCluster(dynamic) ? 'off' : dynamic.synchronousMode;
}

const sources: ReadonlySet<string> = new Set(['host', 'port', 'restore_command']);
