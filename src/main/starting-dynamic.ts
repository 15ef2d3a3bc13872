import type { AgentConfig } from '../domain/agent-config.ts';
import type { DynamicConfig } from '../domain/dynamic-config.ts';
import type { JsonObject } from '../domain/json.ts';
import { defaultDynamicConfig, readDynamicConfig } from '../wire/config/dynamic.ts';

/**
 * What to go by until the store tells: what it told last, as far as that was kept beside the data; else `bootstrap.dcs`.
 * Its timings also bound the first calls, and a store that lost it gets it back.
 * @see spec/config.md 6.4
 */
export function startingDynamic({ bootstrap }: AgentConfig, cached: JsonObject | null): DynamicConfig {
  const document = cached ?? bootstrap?.dynamic ?? null;
  return document === null ? defaultDynamicConfig() : readDynamicConfig(document).config;
}
