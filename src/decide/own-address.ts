import type { AgentConfig } from '../domain/agent-config.ts';
import { derived } from '../domain/derived.ts';
import { latestView, type Observation } from '../domain/observation.ts';

/** Where others reach this member's REST API and its PostgreSQL, as its key and its calls say it. */
export function ownApiUrl({ config }: Observation): string {
  return apiUrlIn(config);
}

/**
 * A reload does not move a server that runs: whoever followed it to the new address would find nobody there before it is
 * restarted, so the address that stands in its key stays until then.
 */
export function ownConnUrl(o: Observation): string {
  const published = listensElsewhere(o) ? latestView(o)?.members.find(({ name }) => name === o.config.name) : null;
  return published?.connUrl ?? connUrlIn(o.config);
}

function listensElsewhere({ config, postgres }: Observation): boolean {
  const { listenAddresses, port } = config.postgres;
  const place = postgres?.process.kind === 'running' ? postgres.process.listensOn : undefined;
  return place !== undefined && (place.port !== port || namesOf(place.addresses) !== namesOf(listenAddresses));
}

/** A server that Patroni has started was told the same addresses, perhaps with other blanks between them. */
function namesOf(addresses: string): string {
  return addresses.replaceAll(' ', '');
}

const apiUrlIn = derived(({ api }: AgentConfig) => {
  const scheme = api.tls === null ? 'http' : 'https';
  return `${scheme}://${api.connectAddress}/patroni`;
});

const connUrlIn = derived(({ postgres }: AgentConfig) => `postgres://${postgres.connectAddress}/${postgres.database}`);
