export type HostPort = {
  /** Without brackets; empty when the text names none. May be a comma-separated list. */
  readonly host: string;
  readonly port: number;
};

/**
 * Split `host:port` at the last colon; IPv6 addresses may be in brackets (`[::1]:5432`, `::1:5432`).
 * @param defaultPort taken when the text names none; `null`: it has to name one.
 * @returns `null` when it is no such text.
 * @see spec/config.md 1.3
 */
export function splitHostPort(text: string, defaultPort: number | null): HostPort | null {
  const trimmed = text.trim();
  const last = trimmed.lastIndexOf(':');
  // A colon inside brackets is the address's own: `[::1],b` names no port.
  const colon = trimmed.includes(']', last) ? -1 : last;
  if (trimmed === '' || (colon === -1 && defaultPort === null)) return null;
  const host = hostsOf(colon === -1 ? trimmed : trimmed.slice(0, colon));
  const port = colon === -1 ? (defaultPort ?? 0) : portOf(trimmed.slice(colon + 1));
  return host === null || port === null ? null : { host, port };
}

/** `host:port` as in a URL, with brackets around an IPv6 address. */
export function joinHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function hostsOf(text: string): string | null {
  const hosts = text.split(',').map((each) => each.trim().replace(/^\[(.*)\]$/, '$1'));
  return hosts.every(isHost) ? hosts.join(',') : null;
}

/** A name, an IPv4 address or `*`; or an IPv6 address, which is never a lone colon (`::1` without its port). */
function isHost(host: string): boolean {
  if (!host.includes(':')) return !/[\s/[\]]/.test(host);
  return /^[0-9a-fA-F:.]+(%[\w.-]+)?$/.test(host) && (host.includes('::') || host.split(':').length === 8);
}

function portOf(text: string): number | null {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}
