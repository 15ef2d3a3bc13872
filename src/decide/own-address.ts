import type { Observation } from '../domain/observation.ts';

/** Where others reach this member's REST API and its PostgreSQL, as its key and its calls say it. */
export function ownApiUrl({ config }: Observation): string {
  const scheme = config.api.tls === null ? 'http' : 'https';
  return `${scheme}://${config.api.connectAddress}/patroni`;
}

export function ownConnUrl({ config }: Observation): string {
  return `postgres://${config.postgres.connectAddress}/${config.postgres.database}`;
}
