import type { AgentConfig } from '../domain/agent-config.ts';
import { derived } from '../domain/derived.ts';
import type { Observation } from '../domain/observation.ts';

/** Where others reach this member's REST API and its PostgreSQL, as its key and its calls say it. */
export function ownApiUrl({ config }: Observation): string {
  return apiUrlIn(config);
}

export function ownConnUrl({ config }: Observation): string {
  return connUrlIn(config);
}

const apiUrlIn = derived(({ api }: AgentConfig) => {
  const scheme = api.tls === null ? 'http' : 'https';
  return `${scheme}://${api.connectAddress}/patroni`;
});

const connUrlIn = derived(({ postgres }: AgentConfig) => `postgres://${postgres.connectAddress}/${postgres.database}`);
