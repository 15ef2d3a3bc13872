import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig, Credentials } from '../../domain/agent-config.ts';
import type { Json } from '../../domain/json.ts';
import type { PendingRestart } from '../../domain/postgres-report.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { postgresNames, type ServerProgram, serverProgramReader } from './binaries.ts';
import { localAddress } from './connection/local-address.ts';
import { openSession, type SessionOutcome } from './connection/session.ts';
import { undisturbed } from './connection/undisturbed.ts';
import { errorCode } from './errors.ts';
import { RewindMark } from './files/rewind-mark.ts';
import { type Control, controlReader } from './observe/control-reader.ts';
import { HeartbeatConnection } from './observe/heartbeat-connection.ts';
import type { Environment } from './process/environment.ts';
import { readListening } from './process/listening.ts';
import { ServerProcess } from './process/server-process.ts';
import { parseMajorVersion } from './version.ts';

/** Where the postmaster's own output goes, until its logging collector takes over. */
export type ServerOutput =
  /** Where the agent's own output goes: a service manager keeps both. */
  { readonly kind: 'inherit' } | { readonly kind: 'file'; readonly path: string };

/** The local PostgreSQL as the adapter's parts see it: what is configured, what is found, and what is open. */
export type Instance = {
  /** As it is now: a reload changes it, all but paths. */
  readonly config: AgentConfig;
  readonly environment: Environment;
  readonly serverOutput: ServerOutput;
  readonly clock: Clock;
  readonly log: Log;
  readonly process: ServerProcess;
  readonly heartbeat: HeartbeatConnection;
  readonly readControl: () => Promise<Control | null>;
  readonly readProgram: () => Promise<ServerProgram>;
  readonly rewindMark: RewindMark;
  /** What the last written configuration could not give the server before its next restart (spec/postgres.md 6.8). */
  readonly raised: { current: readonly PendingRestart[] };
};

const CONNECT_LIMIT_MS = 3_000;
const SHORT_QUERIES = { statement_timeout: '2000', search_path: 'pg_catalog' } as const;
/** So that what the agent does is not counted among the applications' work. */
const UNCOUNTED = { 'pg_stat_statements.track': 'none' } as const;

export function createInstance(options: {
  readonly config: AgentConfig;
  readonly currentConfig: () => AgentConfig;
  readonly environment: Environment;
  readonly serverOutput: ServerOutput;
  readonly clock: Clock;
  readonly log: Log;
  readonly onDisturbance: () => void;
}): Instance {
  const { config, currentConfig, serverOutput, clock, log } = options;
  const environment = withKerberos(options.environment, config.postgres.section['krbsrvname']);
  const open = (limitMs: number): Promise<SessionOutcome> =>
    openLocal(currentConfig(), {
      purpose: 'Matriarch heartbeat',
      limitMs,
      settings: { ...SHORT_QUERIES, ...UNCOUNTED },
    });
  return {
    get config() {
      return currentConfig();
    },
    environment,
    serverOutput,
    clock,
    log,
    process: new ServerProcess(config.postgres.dataDir, postgresNames(config.postgres)),
    heartbeat: new HeartbeatConnection(open, options.onDisturbance),
    readControl: controlReader(config.postgres, environment),
    readProgram: serverProgramReader(config.postgres, environment),
    rewindMark: new RewindMark(config.postgres.dataDir),
    raised: { current: [] },
  };
}

/** What libpq needs to know where logins go by Kerberos, in whatever program it is. */
function withKerberos(environment: Environment, service: Json | undefined): Environment {
  return typeof service === 'string' && service !== '' ? { ...environment, PGKRBSRVNAME: service } : environment;
}

/** A connection of its own to the local server, as superuser. */
export async function openLocal(
  config: AgentConfig,
  options: {
    readonly purpose: string;
    readonly limitMs: number;
    readonly settings: Readonly<Record<string, string>>;
    readonly credentials?: Credentials;
    /** Another one than the configured. */
    readonly database?: string;
  },
): Promise<SessionOutcome> {
  const { postgres } = config;
  const running = readListening(postgres.dataDir);
  return openSession({
    target: {
      ...localAddress(postgres, running, postgres.useUnixSocket ? 'unix-socket' : 'tcp'),
      database: options.database ?? postgres.database,
      credentials: options.credentials ?? postgres.superuser,
    },
    applicationName: options.purpose,
    connectLimitMs: Math.min(CONNECT_LIMIT_MS, options.limitMs),
    settings: { ...undisturbed(majorHere(postgres.dataDir)), ...options.settings },
    near: true,
  });
}

/** Of what runs there. `0`: nobody knows, so nothing that only some versions know is said to it. */
function majorHere(dataDir: string): number {
  try {
    return parseMajorVersion(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8')) ?? 0;
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return 0;
  }
}

/** A walsender of the local server, as the replication user. */
export async function openLocalWalSender(config: AgentConfig, limitMs: number): Promise<SessionOutcome> {
  const { postgres } = config;
  const running = readListening(postgres.dataDir);
  return openSession({
    target: {
      ...localAddress(postgres, running, postgres.useUnixSocketForReplication ? 'unix-socket' : 'tcp'),
      database: postgres.database,
      credentials: postgres.replication,
    },
    applicationName: 'Matriarch',
    connectLimitMs: Math.min(CONNECT_LIMIT_MS, limitMs),
    settings: {},
    replication: true,
    near: true,
  });
}
