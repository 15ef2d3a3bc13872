import type { PendingRestart } from '../../../domain/postgres-report.ts';
import { parseInteger } from '../../../domain/quantity.ts';

/** Passed on the command line in this order, so that no file can contradict them (spec/postgres.md 5.1.5). */
const ON_COMMAND_LINE = [
  'listen_addresses',
  'port',
  'cluster_name',
  'wal_level',
  'hot_standby',
  'max_connections',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
  'track_commit_timestamp',
  'max_replication_slots',
  'max_worker_processes',
  'wal_log_hints',
] as const;

/** A standby refuses to start with less than its primary had; pg_control remembers what that was. */
const CONTROL_MINIMUMS = {
  max_connections: 'max_connections setting',
  max_prepared_transactions: 'max_prepared_xacts setting',
  max_locks_per_transaction: 'max_locks_per_xact setting',
  max_worker_processes: 'max_worker_processes setting',
  max_wal_senders: 'max_wal_senders setting',
} as const;

/** The parameters as this server takes them: the agent's own laid over them, other versions' names translated. */
export function derivedParameters(
  desired: Readonly<Record<string, string>>,
  own: {
    readonly clusterName: string;
    readonly listenAddresses: string;
    readonly port: number;
    readonly configDir: string;
  },
): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(desired)) parameters[name] = value;
  parameters['cluster_name'] = own.clusterName;
  parameters['listen_addresses'] = own.listenAddresses;
  parameters['port'] = String(own.port);
  if (parameters['wal_level'] === 'hot_standby') parameters['wal_level'] = 'replica';
  const segments = parseInteger(parameters['wal_keep_segments']) ?? WAL_KEEP_SEGMENTS;
  delete parameters['wal_keep_segments'];
  parameters['wal_keep_size'] ??= `${segments * 16}MB`;
  for (const name of ['hba_file', 'ident_file']) {
    const path = parameters[name];
    if (path !== undefined && !path.startsWith('/')) parameters[name] = `${own.configDir}/${path}`;
  }
  return parameters;
}

/** Kept for whoever has no slot, and for rewinds, where nothing is configured (spec/postgres.md 6.3). */
const WAL_KEEP_SEGMENTS = 8;

/**
 * For anything but a primary: no less than pg_control says (spec/postgres.md 6.8). What had to be raised waits for a
 * restart after the next promotion.
 */
export function raisedToControl(
  parameters: Readonly<Record<string, string>>,
  control: ReadonlyMap<string, string>,
): { readonly parameters: Readonly<Record<string, string>>; readonly raised: readonly PendingRestart[] } {
  const result: Record<string, string> = { ...parameters };
  const raised: PendingRestart[] = [];
  for (const [name, label] of Object.entries(CONTROL_MINIMUMS)) {
    const needed = control.get(label);
    const configured = parameters[name];
    if (needed === undefined || configured === undefined || !(Number(needed) > Number(configured))) continue;
    result[name] = needed;
    raised.push({ name, oldValue: needed, newValue: configured });
  }
  return { parameters: result, raised };
}

/** What pg_control tells of the primary. */
export const NEEDED_BY_REPLAY: readonly string[] = Object.keys(CONTROL_MINIMUMS);

/** What a running standby was started with less of than its primary has. */
export function belowControl(
  running: Readonly<Record<string, string>>,
  control: ReadonlyMap<string, string>,
): readonly string[] {
  return Object.entries(CONTROL_MINIMUMS)
    .filter(([name, label]) => Number(control.get(label)) > Number(running[name]))
    .map(([name]) => name);
}

/** The postmaster's arguments. */
export function commandLine(options: {
  readonly dataDir: string;
  readonly configFile: string;
  readonly parameters: Readonly<Record<string, string>>;
}): readonly string[] {
  const named = ON_COMMAND_LINE.map((name) => ({ name, value: options.parameters[name] })).filter(
    (pair) => pair.value !== undefined,
  );
  return [
    '-D',
    options.dataDir,
    // Else the operator's own file could name another one, and a server would run there that nobody guards.
    `--data-directory=${options.dataDir}`,
    `--config-file=${options.configFile}`,
    ...named.map((pair) => `--${pair.name}=${pair.value ?? ''}`),
  ];
}

/** Parameters of the command line that wait for a restart: PostgreSQL's own flag does not see them. */
export function isOnCommandLine(name: string): boolean {
  return ON_COMMAND_LINE.some((each) => each === name);
}
