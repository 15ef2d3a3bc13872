import { isAbsolute, relative, resolve } from 'node:path';
import { env, getuid } from 'node:process';
import { createMachineClock } from '../adapters/clock/machine-clock.ts';
import { createEtcdStore } from '../adapters/etcd/create-etcd-store.ts';
import { realDataDirectory } from '../adapters/guardian-process/socket-path.ts';
import { claimDataDirectory } from '../adapters/linux-processes/claim-data-directory.ts';
import { createMeters } from '../adapters/meters/create-meters.ts';
import { lookUp } from '../adapters/names/look-up.ts';
import { createPostgres } from '../adapters/postgres/create-postgres.ts';
import { createDynamicCache } from '../adapters/postgres/files/dynamic-cache.ts';
import { createTraceFile } from '../adapters/trace-file/trace-file.ts';
import { type Agent, startAgent } from '../agent/driver.ts';
import { type Api, startApi } from '../api/start-api.ts';
import type { AgentConfig } from '../domain/agent-config.ts';
import { effectiveUnder } from '../domain/effective-postgres.ts';
import { startHeartbeat } from '../heartbeat/driver/start-heartbeat.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventHistory } from '../ports/event-history.ts';
import type { Log } from '../ports/log.ts';
import type { Environment } from '../wire/config/environment.ts';
import { type LoadedConfig, loadAgentConfig } from '../wire/config/load.ts';
import { describeProblem } from '../wire/config/local-document.ts';
import { clusterViewReader } from '../wire/dcs/cluster-view.ts';
import { clusterPrefix } from '../wire/store-keys.ts';
import { withAbsolutePaths } from './absolute-paths.ts';
import { isPostgresRunning, obstaclesBeforeStart } from './before-start.ts';
import { findConfiguration, takeEnvironment } from './configuration-source.ts';
import { createCurrentPeers } from './current-peers.ts';
import { endOnDefects } from './defects.ts';
import { openHistory, recordingLog } from './event-history.ts';
import { createLog } from './log/create-log.ts';
import { endLog, writeRestAtExit } from './log/end-log.ts';
import { waitForOwnName } from './own-name.ts';
import { reloadedConfiguration, takeUp } from './reload.ts';
import { siblingProgram } from './sibling-program.ts';
import { startingDynamic } from './starting-dynamic.ts';
import { storeUntilNamed } from './store-until-named.ts';

/** Exit status for "you called me in a way that cannot work" (configuration, user, name). */
const EXIT_MISUSE = 1;

/** `matriarch agent FILE`: the daemon beside one PostgreSQL. Returns when the agent has ended, with its exit status. */
export async function runAgent(options: {
  readonly file: string | null;
  readonly trace: string | null;
  readonly mainUrl: string;
}): Promise<number> {
  endOnDefects();
  const hangUps = hearHangUps();
  if (getuid?.() === 0)
    return complain(
      'the agent must not run as root: PostgreSQL refuses it; run it as the user that owns the data directory ' +
        `(for example: runuser -u postgres -- matriarch agent ${options.file ?? ''})`,
    );
  // As whoever called us meant them, wherever this process works later.
  const file = options.file === null ? null : resolve(options.file);
  const traceFile = options.trace === null ? null : resolve(options.trace);
  const environment = takeEnvironment(env);
  const folder = process.cwd();
  const loaded = load({ file, environment, folder });
  if (loaded.kind === 'invalid') return complain(loaded.problems.map(describeProblem).join('\n'));
  const { config } = loaded;
  const realDataDir = realDataDirectory(config.postgres.dataDir);
  // Whatever works inside the data directory counts as PostgreSQL, and is ended when it is fenced.
  if (isInside(process.cwd(), realDataDir)) process.chdir('/');
  // Before anything else is touched: a second agent would fence what the first one leads.
  const claim = await claimDataDirectory(realDataDir, `'${config.name}' (process ${String(process.pid)})`);
  if (claim.kind === 'taken') return complain(alreadyServed(config, claim.holder));
  const obstacles = await obstaclesBeforeStart(config, env['PATH'] ?? '');
  if (obstacles.length > 0) {
    const source = file ?? 'environment';
    const lines = obstacles.map(({ option: path, message }) => describeProblem({ path, source, line: null, message }));
    return complain(lines.join('\n'));
  }
  // Whoever read the log may go away; PostgreSQL must not go with it.
  process.stderr.on('error', () => undefined);
  const plainLog = createLog(config.log, () => new Date());
  writeRestAtExit(plainLog);
  const events = await openHistory(config, environment['MATRIARCH_STATE_DIR'], plainLog);
  const log = recordingLog(plainLog, events, config.name);
  const meters = createMeters();
  const dynamicCache = createDynamicCache(realDataDir, log);
  const dynamic = startingDynamic(config, dynamicCache.read());
  const { warnings } = effectiveUnder(config, dynamic);
  for (const notice of [...config.notices, ...warnings]) log.write('warn', 'configuration', { notice });

  const clock = createMachineClock();
  const prefix = clusterPrefix(config);
  const programs = {
    heartbeat: siblingProgram(options.mainUrl, 'heartbeat'),
    guardian: siblingProgram(options.mainUrl, 'guardian'),
  };
  const store = createEtcdStore({ config: config.store, prefix, clock, log, retryTimeout: dynamic.retryTimeout });
  const trace = traceFile === null ? null : traceFiles(traceFile);
  const traceEnds = (reason: string): void => log.write('error', 'trace-ends', { reason });
  const running: { agent: Agent | null; api: Api | null } = { agent: null, api: null };
  const inForce = { config };
  const peers = createCurrentPeers(config.api.client, { clock, log });
  const reload = (): void => {
    if (running.agent === null) return;
    const wanted = reloadedConfiguration(inForce.config, load({ file, environment, folder }), log);
    plainLog.configure(wanted.log);
    void takeUp(wanted, inForce, running.api, (config) => {
      running.agent?.reload(config);
      peers.reload(config.api.client);
    });
  };
  const unnamed = storeUntilNamed(store);
  const ended = Promise.withResolvers<number>();
  const begin = (): void => {
    if (running.agent !== null) return;
    const agent = startAgent({
      config,
      dynamic,
      clock,
      log,
      store: unnamed.store,
      readView: clusterViewReader(),
      postgres: createPostgres({ config, currentConfig: () => inForce.config, clock, log }),
      startHeartbeat: (listeners) =>
        startHeartbeat({
          setup: { config, prefix, retryTimeout: dynamic.retryTimeout, trace },
          programs,
          log,
          listeners,
        }),
      peers,
      trace: trace === null ? null : createTraceFile({ path: trace.agent, machine: 'agent', onTrouble: traceEnds }),
      meters,
      dynamicCache,
      exit: (status) => void endLog(plainLog, status).then(ended.resolve),
    });
    running.agent = agent;
    obeySignals(agent);
    hangUps.obey(reload);
  };
  const serveUnderOwnName = async (): Promise<number> => {
    // Without the store nobody knows whose lead it is: a PostgreSQL that runs is not left alone for as long as that lasts.
    const onSilence = (): void => {
      if (isPostgresRunning(config)) begin();
    };
    const name = await waitForOwnName({ config, store, log, onSilence });
    if (name.kind === 'taken') {
      return complain(
        `can't start: there is already a node named '${config.name}' running (${name.apiUrl}) in cluster '${config.scope}'; give this one another name`,
      );
    }
    // The API first: a namesake that is frozen still holds its port, and must not be displaced beside its PostgreSQL.
    const api = inForce.config.api;
    const served = await serve({ api, clock, log, meters, events, reload, agent: () => running.agent });
    if (typeof served === 'string')
      return complain(`restapi.listen: the REST API cannot listen on ${listenAddress(api)}: ${served}`);
    running.api = served;
    unnamed.named();
    begin();
    return ended.promise;
  };
  return Promise.race([ended.promise, serveUnderOwnName()]);
}

/** @returns why it cannot, in words. Until the agent has made a step every answer is 503. */
async function serve(parts: {
  readonly api: AgentConfig['api'];
  readonly clock: Clock;
  readonly log: Log;
  readonly meters: ReturnType<typeof createMeters>;
  readonly events: EventHistory;
  readonly reload: () => void;
  readonly agent: () => Agent | null;
}): Promise<Api | string> {
  const { api, clock, log, reload, agent } = parts;
  try {
    const started = await startApi({
      config: api,
      clock,
      log,
      meters: () => parts.meters.readings(),
      events: parts.events,
      lookUp,
      snapshot: () => agent()?.snapshot() ?? null,
      request: (request) => {
        if (request.kind === 'reload') reload();
        return agent()?.request(request) ?? Promise.resolve({ kind: 'drop' });
      },
    });
    log.write('info', 'api', { listen: listenAddress(api) });
    return started;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function listenAddress({ listenHost, port }: AgentConfig['api']): string {
  return `${listenHost}:${String(port)}`;
}

/** Until there is an agent a HUP finds nothing to do, and must not end the process; TERM and INT simply end it. */
function hearHangUps(): { obey(reload: () => void): void } {
  let isDue = false;
  let obeyed = (): void => {
    isDue = true;
  };
  process.on('SIGHUP', () => obeyed());
  return {
    obey: (reload) => {
      obeyed = reload;
      if (isDue) reload();
    },
  };
}

/** TERM and INT: hand over and end. */
function obeySignals(agent: Agent): void {
  const stop = (): void => {
    agent.stop();
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}

function alreadyServed({ name, postgres }: AgentConfig, holder: string | null): string {
  const other = holder ?? 'one that does not answer (frozen?)';
  return `can't start '${name}': another agent already serves ${postgres.dataDir}: ${other}; each agent needs a data directory of its own`;
}

function load({ file, environment, folder }: Started): LoadedConfig {
  const found = findConfiguration(file, environment);
  if (found.kind === 'unreadable') return { kind: 'invalid', problems: [found.problem] };
  const loaded = loadAgentConfig(found.source);
  return loaded.kind === 'ok' ? { kind: 'ok', config: withAbsolutePaths(loaded.config, folder) } : loaded;
}

/** With what, and where, this process was started. */
type Started = { readonly file: string | null; readonly environment: Environment; readonly folder: string };

/** Each machine beside one PostgreSQL has a file of its own. */
function traceFiles(file: string): { readonly agent: string; readonly heartbeat: string; readonly guardian: string } {
  return { agent: file, heartbeat: `${file}.heartbeat`, guardian: `${file}.guardian` };
}

function isInside(path: string, folder: string): boolean {
  const inner = relative(resolve(folder), path);
  return inner === '' || (!inner.startsWith('..') && !isAbsolute(inner));
}

function complain(message: string): number {
  process.stderr.write(`matriarch: ${message}\n`);
  return EXIT_MISUSE;
}
