export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the postmaster inherits (spec/postgres.md 5.1.6): nothing of the agent's own configuration, which holds
 * passwords, and not the service manager's socket. `PG_MALLOC_ARENA_MAX` is how an operator bounds the server's memory
 * and not the agent's; what bin/matriarch sets to bound the agent's stays with the agent. `stalePid` is a live process that a stale postmaster.pid names; the server then ignores the file.
 */
export function serverEnvironment(own: Environment, stalePid: number | null): Environment {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined || isOurs(name)) continue;
    environment[name] = value;
  }
  takeBackLaunchers(environment, own);
  const arenas = own['PG_MALLOC_ARENA_MAX'];
  if (arenas !== undefined) environment['MALLOC_ARENA_MAX'] = arenas;
  if (stalePid !== null) environment['PG_GRANDPARENT_PID'] = String(stalePid);
  return environment;
}

/** For operators' own commands: as the agent was started, without its configuration, which holds passwords. */
export function scriptEnvironment(own: Environment): Environment {
  const kept = Object.entries(own).filter(
    ([name]) => !/^(PATRONI_|MATRIARCH_)|^(NOTIFY_SOCKET|NODE_OPTIONS)$/.test(name),
  );
  const environment = Object.fromEntries(kept);
  takeBackLaunchers(environment, own);
  return environment;
}

/** What `bin/matriarch` set for the agent's Node alone. It leaves marks of what was there before. */
function takeBackLaunchers(environment: Record<string, string | undefined>, own: Environment): void {
  // Left only where the operator had not set the variable.
  if (own['MATRIARCH_SET_MALLOC_ARENA_MAX'] !== undefined) delete environment['MALLOC_ARENA_MAX'];
  // Left where the archive's Node needs a library of the archive.
  const libraries = own['MATRIARCH_LD_LIBRARY_PATH_BEFORE'];
  if (libraries === '') delete environment['LD_LIBRARY_PATH'];
  else if (libraries !== undefined) environment['LD_LIBRARY_PATH'] = libraries;
}

/** For tools whose output is parsed. */
export function toolEnvironment(own: Environment, more: Environment = {}): Environment {
  return { ...serverEnvironment(own, null), LANG: 'C', LC_ALL: 'C', ...more };
}

function isOurs(name: string): boolean {
  return /^(PATRONI_|KUBERNETES_|MATRIARCH_)/.test(name) || NOT_FOR_THE_SERVER.has(name);
}

const NOT_FOR_THE_SERVER: ReadonlySet<string> = new Set([
  'NOTIFY_SOCKET',
  'NODE_OPTIONS',
  'PG_MALLOC_ARENA_MAX',
  // They would lead who follows or copies a server elsewhere than its configuration says.
  'PGHOSTADDR',
  'PGTARGETSESSIONATTRS',
]);
