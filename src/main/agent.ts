import { createWriteStream, readFileSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { env, getuid } from 'node:process';
import { createMachineClock } from '../adapters/clock/machine-clock.ts';
import { createEtcdStore } from '../adapters/etcd/create-etcd-store.ts';
import { createPeers } from '../adapters/peers/create-peers.ts';
import { createPostgres } from '../adapters/postgres/create-postgres.ts';
import { type Agent, startAgent } from '../agent/driver.ts';
import { startApi } from '../api/start-api.ts';
import type { AgentConfig } from '../domain/agent-config.ts';
import type { DynamicConfig } from '../domain/dynamic-config.ts';
import { effectivePostgres } from '../domain/effective-postgres.ts';
import { startHeartbeat } from '../heartbeat/driver/start-heartbeat.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { defaultDynamicConfig, readDynamicConfig } from '../wire/config/dynamic.ts';
import { describeProblem, loadAgentConfig } from '../wire/config/load.ts';
import { readClusterView } from '../wire/dcs/cluster-view.ts';
import { clusterPrefix } from '../wire/store-keys.ts';
import { createLog } from './log.ts';
import { waitForOwnName } from './own-name.ts';
import { siblingProgram } from './sibling-program.ts';

/** Exit status for "you called me in a way that cannot work" (configuration, user, name). */
const EXIT_MISUSE = 1;

/** `matriarch agent FILE`: the daemon beside one PostgreSQL. Returns when the agent has ended, with its exit status. */
export async function runAgent(options: {
  readonly file: string | null;
  readonly trace: string | null;
  readonly mainUrl: string;
}): Promise<number> {
  if (getuid?.() === 0)
    return complain(
      'the agent must not run as root: PostgreSQL refuses it; run it as the user that owns the data directory',
    );
  const loaded = load(options.file);
  if (loaded.kind === 'invalid') return complain(loaded.problems.map(describeProblem).join('\n'));
  const { config } = loaded;
  // Whatever works inside the data directory counts as PostgreSQL, and is ended when it is fenced.
  if (isInside(process.cwd(), config.postgres.dataDir)) process.chdir('/');
  const log = createLog(config.log, (line) => process.stderr.write(line));
  const dynamic = startingDynamic(config);
  const { warnings } = effectivePostgres({ local: config.postgres.section, dynamic: dynamic.postgresql });
  for (const notice of [...config.notices, ...warnings]) log.write('warn', 'configuration', { notice });

  const clock = createMachineClock();
  const prefix = clusterPrefix(config);
  const programs = {
    heartbeat: siblingProgram(options.mainUrl, 'heartbeat'),
    guardian: siblingProgram(options.mainUrl, 'guardian'),
  };
  const store = createEtcdStore({ config: config.store, prefix, clock, log, retryTimeout: dynamic.retryTimeout });
  const name = await waitForOwnName({ config, store, log });
  if (name.kind === 'taken') {
    return complain(
      `can't start: there is already a node named '${config.name}' running (${name.apiUrl}); give this one another name`,
    );
  }
  return new Promise((resolve) => {
    const agent = startAgent({
      config,
      dynamic,
      clock,
      log,
      store,
      readView: readClusterView,
      postgres: createPostgres({ config, clock, log }),
      startHeartbeat: (listeners) =>
        startHeartbeat({ setup: { config, prefix, retryTimeout: dynamic.retryTimeout }, programs, log, listeners }),
      peers: createPeers({ client: config.api.client, clock }),
      trace: options.trace === null ? null : traceTo(options.trace),
      exit: resolve,
    });
    obeySignals(agent, options.file, log);
    serve(agent, { config, clock, log }, resolve);
  });
}

function serve(
  agent: Agent,
  parts: { config: AgentConfig; clock: Clock; log: Log },
  exit: (code: number) => void,
): void {
  const { config, clock, log } = parts;
  startApi({
    config: config.api,
    clock,
    log,
    snapshot: () => agent.snapshot(),
    request: (request) => agent.request(request),
  }).then(
    (api) => {
      log.write('info', 'api', { listen: `${config.api.listenHost}:${String(api.port)}` });
    },
    (error: unknown) => {
      log.write('error', 'api', { problem: error instanceof Error ? error.message : String(error) });
      exit(EXIT_MISUSE);
    },
  );
}

/** TERM and INT: hand over and end. HUP: read the file again; a broken one changes nothing. */
function obeySignals(agent: Agent, file: string | null, log: Log): void {
  const stop = (): void => {
    agent.stop();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  process.on('SIGHUP', () => {
    const loaded = load(file);
    if (loaded.kind === 'ok') agent.reload(loaded.config);
    else
      for (const problem of loaded.problems)
        log.write('error', 'configuration-refused', { problem: describeProblem(problem) });
  });
}

function load(file: string | null): ReturnType<typeof loadAgentConfig> {
  if (file === null) return loadAgentConfig({ text: null, path: 'environment', environment: env });
  try {
    return loadAgentConfig({ text: readFileSync(file, 'utf8'), path: file, environment: env });
  } catch (error) {
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: 'invalid', problems: [{ path: '', source: file, line: null, message }] };
  }
}

/** `bootstrap.dcs` until the store tells; its timings also bound the first calls. */
function startingDynamic(config: AgentConfig): DynamicConfig {
  return config.bootstrap === null ? defaultDynamicConfig() : readDynamicConfig(config.bootstrap.dynamic).config;
}

function traceTo(file: string): (line: string) => void {
  const stream = createWriteStream(file, { flags: 'a' });
  return (line) => {
    stream.write(`${line}\n`);
  };
}

function isInside(path: string, folder: string): boolean {
  const inner = relative(resolve(folder), path);
  return inner === '' || (!inner.startsWith('..') && !isAbsolute(inner));
}

function complain(message: string): number {
  process.stderr.write(`matriarch: ${message}\n`);
  return EXIT_MISUSE;
}
