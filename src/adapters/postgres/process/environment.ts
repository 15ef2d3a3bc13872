export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the postmaster inherits (spec/postgres.md 5.1.6): nothing of the agent's own configuration, which holds
 * passwords, and not the service manager's socket. `PG_MALLOC_ARENA_MAX` is how an operator bounds the server's memory
 * and not the agent's. `stalePid` is a live process that a stale postmaster.pid names; the server then ignores the file.
 */
export function serverEnvironment(own: Environment, stalePid: number | null): Environment {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined || isOurs(name)) continue;
    environment[name === 'PG_MALLOC_ARENA_MAX' ? 'MALLOC_ARENA_MAX' : name] = value;
  }
  if (stalePid !== null) environment['PG_GRANDPARENT_PID'] = String(stalePid);
  return environment;
}

/** For tools whose output is parsed. */
export function toolEnvironment(own: Environment, more: Environment = {}): Environment {
  return { ...serverEnvironment(own, null), LANG: 'C', LC_ALL: 'C', ...more };
}

function isOurs(name: string): boolean {
  return /^(PATRONI_|KUBERNETES_|MATRIARCH_)/.test(name) || name === 'NOTIFY_SOCKET' || name === 'NODE_OPTIONS';
}
