import type { ConnectionTarget } from './conninfo.ts';

/**
 * Lines of a pgpass file for one server (spec/postgres.md 7.4): one for each host, and one for `localhost`, which is
 * what libpq looks up when the host is a socket directory.
 */
export function pgpassLines(target: ConnectionTarget): readonly string[] {
  const { username, password } = target.credentials;
  if (password === null) return [];
  const hosts = target.host.split(',').map((host) => (host === '' ? '*' : host));
  if (hosts.some((host) => host.startsWith('/')) && !hosts.includes('localhost')) hosts.push('localhost');
  return hosts.map((host) => [host, String(target.port), '*', username, password].map(escapeField).join(':'));
}

/** `*` stands for anything only where it is the whole field, and no field but the host is meant to. */
function escapeField(text: string): string {
  return text.replace(/[\\:]/g, '\\$&');
}
