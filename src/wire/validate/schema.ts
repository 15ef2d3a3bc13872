import { isJsonList, type JsonObject } from '../../domain/json.ts';
import { truth } from '../../domain/tags.ts';
import { connectAddress, listenAddress } from './addresses.ts';
import {
  type Check,
  either,
  type Finding,
  failed,
  flag,
  integer,
  listOf,
  oneOf,
  someMap,
  text,
  whole,
} from './check.ts';
import { map, type Rule } from './map.ts';
import { type Machine, postgresqlSection } from './schema-postgres.ts';
import { storeRules } from './schema-stores.ts';

export type { Machine } from './schema-postgres.ts';

/**
 * What Patroni's `--validate-config` finds wrong with a local configuration, in its words and order. A normal start is more
 * lenient: much of this is only the type that an option should have.
 * @param ports whether somebody may listen already at the configured addresses
 * @see spec/config.md 11
 */
export function validate(
  document: JsonObject,
  machine: Machine,
  ports: 'have-to-be-free' | 'may-be-taken',
): readonly Finding[] {
  const check = map(
    { kind: 'required', fields: { name, scope: text } },
    { kind: 'optional', fields: { thread_pool_size: threads, thread_stack_size: stackSize, log, ctl } },
    { kind: 'required', fields: { restapi: restapi(machine, ports) } },
    { kind: 'optional', fields: { bootstrap } },
    storeRules(machine, ports),
    { kind: 'optional', fields: { citus } },
    { kind: 'required', fields: { postgresql: postgresqlSection(machine, ports) } },
    { kind: 'optional', fields: { watchdog, tags } },
  );
  return check({ path: [], value: document });
}

const RESERVED = '__patroni_strict_sync_replica_placeholder__';
const name: Check = (place) =>
  place.value === RESERVED ? failed(place, `Node 'name' can't be set to '${RESERVED}'`) : text(place);

const threads = integer({ min: 5, typed: true });

/** Patroni up to 4.1.4 asks for multiples of 65535, which refuses its own default; 4.1.5 mended that. */
const stackSize: Check = (place) => {
  const found = integer({ min: 65_536, typed: true })(place);
  return Number(place.value) % 65_536 === 0 || typeof place.value !== 'number' ? found : failed(place, 'Wrong value');
};

const logFormat: Check = (place) => {
  const { value } = place;
  if (typeof value === 'string') return [];
  if (!isJsonList(value)) return failed(place, 'Should be a string or a list');
  if (value.length === 0) return failed(place, 'should contain at least one item');
  const isItem = (item: unknown): boolean =>
    typeof item === 'string' ||
    (typeof item === 'object' && item !== null && Object.values(item).every((each) => typeof each === 'string'));
  return value.every(isItem) ? [] : failed(place, 'each item should be a string or a dictionary with string values');
};

const log: Check = map({
  kind: 'optional',
  fields: {
    type: oneOf(['plain', 'json']),
    level: oneOf(['DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR', 'FATAL', 'CRITICAL']),
    traceback_level: oneOf(['debug', 'error'], 'any-case'),
    format: logFormat,
    dateformat: text,
    static_fields: someMap,
    max_queue_size: whole,
    dir: text,
    mode: integer({ min: 0, max: 511, typed: true }),
    file_num: whole,
    file_size: whole,
    loggers: someMap,
    deduplicate_heartbeat_logs: flag,
  },
});

const ctl: Check = map({
  kind: 'optional',
  fields: { insecure: flag, cacert: text, certfile: text, keyfile: text, keyfile_password: text },
});

function restapi(machine: Machine, ports: 'have-to-be-free' | 'may-be-taken'): Check {
  return map(
    { kind: 'optional', fields: { thread_pool_size: threads } },
    {
      kind: 'required',
      fields: { listen: listenAddress(machine, ports), connect_address: connectAddress },
    },
    {
      kind: 'optional',
      fields: {
        authentication: map({ kind: 'required', fields: { username: text, password: text } }),
        certfile: text,
        keyfile: text,
        keyfile_password: text,
        cafile: text,
        ciphers: text,
        verify_client: oneOf(['none', 'optional', 'required']),
        allowlist: listOf(text),
        allowlist_include_members: flag,
        http_extra_headers: someMap,
        https_extra_headers: someMap,
        request_queue_size: integer({ min: 0, max: 4096, typed: true }),
        server_tokens: oneOf(['minimal', 'productonly', 'original'], 'any-case'),
      },
    },
  );
}

const synchronousMode: Check = (place) => {
  const { value } = place;
  const isQuorum = typeof value === 'string' && value.toLowerCase() === 'quorum';
  return isQuorum || truth(value) !== null ? [] : failed(place, 'invalid value for synchronous_mode');
};

const options = listOf(either({ text, map: someMap }));
const workers = integer({ min: 0, max: 262_143 });

const dynamicPostgresql: Rule = {
  kind: 'optional',
  fields: {
    parameters: map({
      kind: 'optional',
      fields: {
        max_connections: integer({ min: 1, max: 262_143 }),
        max_locks_per_transaction: integer({ min: 10, max: 2_147_483_647 }),
        max_prepared_transactions: workers,
        max_replication_slots: workers,
        max_wal_senders: workers,
        max_worker_processes: workers,
      },
    }),
    use_pg_rewind: flag,
    rewind: options,
    basebackup: options,
    pg_hba: listOf(text, false),
    pg_ident: listOf(text, false),
    pg_ctl_timeout: integer({ min: 0 }),
    use_slots: flag,
  },
};

const bootstrap: Check = map(
  {
    kind: 'required',
    fields: {
      dcs: map({
        kind: 'optional',
        fields: {
          // Ours (domain/timings.ts): Patroni's are 20, 1 and 3, and hold while one of its agents is in the cluster.
          ttl: integer({ min: 2 }),
          loop_wait: integer({ min: 1 }),
          retry_timeout: integer({ min: 1 }),
          maximum_lag_on_failover: integer({ min: 0 }),
          maximum_lag_on_syncnode: integer({ min: -1 }),
          member_slots_ttl: integer({ min: 0, unit: 's' }),
          postgresql: map(dynamicPostgresql),
          primary_start_timeout: integer({ min: 0 }),
          primary_stop_timeout: integer({ min: 0 }),
          standby_cluster: map(
            {
              kind: 'one-at-least',
              fields: { host: text, port: integer({ max: 65_535, typed: true }), restore_command: text },
            },
            {
              kind: 'optional',
              fields: {
                primary_slot_name: text,
                create_replica_methods: listOf(text),
                archive_cleanup_command: text,
                recovery_min_apply_delay: text,
              },
            },
          ),
          synchronous_mode: synchronousMode,
          synchronous_mode_strict: flag,
          synchronous_node_count: integer({ min: 1 }),
        },
      }),
    },
  },
  {
    kind: 'optional',
    fields: { initdb: either({ list: options, map: someMap }), method: text, pg_hba: listOf(text) },
  },
);

const citus: Check = map({
  kind: 'required',
  fields: { database: text, group: integer({ min: 0, typed: true }) },
});

const watchdog: Check = map({
  kind: 'optional',
  fields: {
    mode: oneOf([false, 'off', 'automatic', 'required']),
    device: text,
    safety_margin: integer({ min: -1, typed: true }),
  },
});

const priority = integer({ min: 0, typed: true });
const tags: Check = map(
  { kind: 'one-at-most', fields: { nofailover: flag, failover_priority: priority } },
  { kind: 'optional', fields: { clonefrom: flag, noloadbalance: flag, replicatefrom: text } },
  { kind: 'one-at-most', fields: { nosync: flag, sync_priority: priority } },
  { kind: 'optional', fields: { nostream: flag } },
);
