import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPostgres } from '../../src/adapters/postgres/create-postgres.ts';
import { processesOf } from '../../src/adapters/postgres/process/cluster-processes.ts';
import { killUntilNone } from '../../src/adapters/postgres/process/kill.ts';
import type { AgentConfig, LocalPostgresConfig } from '../../src/domain/agent-config.ts';
import type { DesiredPostgres, Upstream } from '../../src/domain/desired-postgres.ts';
import { type MemberName, memberName, slotNameOf } from '../../src/domain/names.ts';
import { instant, later, millis, wallTime } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Log } from '../../src/ports/log.ts';
import type { Postgres, TaskContext } from '../../src/ports/postgres.ts';

/** One member's real PostgreSQL in a temporary folder, driven through its port. */
export type RealMember = {
  readonly name: MemberName;
  readonly postgres: Postgres;
  readonly config: AgentConfig;
  /** What a reload makes of the configuration. */
  readonly reload: (change: Partial<LocalPostgresConfig>) => void;
  /** How another member follows this one. */
  readonly upstream: (follower: MemberName) => Upstream;
  /** The server's own output. */
  readonly logFile: string;
  /** No process and no file is left. */
  readonly end: () => Promise<void>;
};

export const testClock: Clock = {
  now: () => instant(performance.now()),
  wallNow: () => wallTime(Date.now()),
  suspended: () => 0,
};

export const silentLog: Log = { write: () => undefined };

export async function realMember(
  name: string,
  change: Partial<LocalPostgresConfig> = {},
  bootstrap: Partial<NonNullable<AgentConfig['bootstrap']>> = {},
): Promise<RealMember> {
  const folder = mkdtempSync(join(tmpdir(), `matriarch-${name}-`));
  const config = agentConfig({ name, folder, port: await freePort(), change, bootstrap });
  const logFile = join(folder, 'postgres.log');
  let inForce = config;
  const postgres = createPostgres({
    config,
    currentConfig: () => inForce,
    clock: testClock,
    log: silentLog,
    serverOutput: { kind: 'file', path: logFile },
  });
  const { dataDir } = config.postgres;
  return {
    name: config.name,
    postgres,
    config,
    reload: (reloaded) => {
      inForce = { ...config, postgres: { ...config.postgres, ...reloaded } };
    },
    logFile,
    upstream: (follower) => ({
      member: name,
      host: 'localhost',
      port: config.postgres.port,
      database: 'postgres',
      applicationName: follower,
    }),
    end: async () => {
      await postgres.close();
      await killUntilNone(() => processesOf(dataDir, new Set(['postgres'])));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A configuration as the rules would desire it, small enough for a test machine. */
export function desired(upstream: { readonly from: Upstream; readonly as: MemberName } | null): DesiredPostgres {
  return {
    parameters: {
      wal_level: 'logical',
      hot_standby: 'on',
      max_connections: '50',
      max_wal_senders: '10',
      max_prepared_transactions: '0',
      max_locks_per_transaction: '64',
      max_replication_slots: '10',
      max_worker_processes: '8',
      track_commit_timestamp: 'off',
      wal_log_hints: 'on',
      wal_keep_size: '128MB',
      shared_buffers: '16MB',
      unix_socket_directories: tmpdir(),
      wal_retrieve_retry_interval: '100ms',
    },
    hba: ['local all all trust', 'host all all all trust', 'host replication all all trust'],
    ident: null,
    standby: upstream === null ? null : { upstream: upstream.from, slot: slotNameOf(upstream.as), recovery: {} },
  };
}

/** A task's surroundings: a lease of a minute, a guardian, and nobody who cancels. */
export function taskContext(change: Partial<TaskContext> = {}): TaskContext {
  return {
    signal: new AbortController().signal,
    progress: () => undefined,
    reached: () => undefined,
    scripts: { beforeStop: null, prePromote: null },
    leaseNow: () => ({
      now: testClock.now(),
      deadline: later(testClock.now(), millis(60_000)),
      guardianReady: true,
    }),
    ...change,
  };
}

function agentConfig(options: {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly change: Partial<LocalPostgresConfig>;
  readonly bootstrap: Partial<NonNullable<AgentConfig['bootstrap']>>;
}): AgentConfig {
  const { name, folder, port } = options;
  const dataDir = join(folder, 'data');
  const role = (username: string) => ({ username, password: `${username}-secret`, connection: {} });
  const noTls = { caFile: null, certFile: null, keyFile: null };
  return {
    name: memberName(name),
    scope: 'test',
    namespace: '/service/',
    tags: {},
    store: {
      kind: 'etcd3',
      endpoints: [],
      protocol: 'http',
      tls: noTls,
      username: null,
      password: null,
      useProxies: false,
    },
    api: {
      listenHost: '127.0.0.1',
      port: 0,
      connectAddress: '127.0.0.1:0',
      auth: null,
      tls: null,
      clientCaFile: null,
      verifyClient: 'none',
      allowlist: [],
      allowlistIncludesMembers: false,
      extraHeaders: [],
      serverTokens: 'original',
      backlog: 128,
      client: { tls: noTls, insecure: false, auth: null },
    },
    postgres: {
      listenAddresses: '127.0.0.1',
      port,
      connectAddress: `127.0.0.1:${port}`,
      proxyAddress: null,
      dataDir,
      configDir: dataDir,
      binDir: postgresBinDir(),
      binNames: {},
      database: 'postgres',
      pgpassFile: join(folder, 'pgpass'),
      useUnixSocket: false,
      useUnixSocketForReplication: false,
      superuser: role('postgres'),
      replication: role('replicator'),
      rewind: role('rewinder'),
      section: {},
      ...options.change,
    },
    bootstrap: {
      dynamic: {},
      initdbOptions: ['--encoding=UTF8', '--data-checksums'],
      pgHba: [],
      custom: null,
      postBootstrap: null,
      ...options.bootstrap,
    },
    watchdog: { mode: 'off', device: '/dev/watchdog', safetyMargin: 5 },
    log: { level: 'info', format: 'plain' },
    notices: [],
  };
}

/** Debian keeps each major version's programs in a folder of its own; the newest one is taken. Elsewhere: PATH. */
export function postgresBinDir(): string {
  const root = '/usr/lib/postgresql';
  const majors = existsSync(root)
    ? readdirSync(root).filter((name) => existsSync(join(root, name, 'bin', 'initdb')))
    : [];
  const newest = majors.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? '' : join(root, newest, 'bin');
}

async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
