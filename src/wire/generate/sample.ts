import { patchConfig } from '../../domain/config-patch.ts';
import { controlledDefaults } from '../../domain/controlled-parameters.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { parseInteger } from '../../domain/quantity.ts';

/** What a person has to put something else for. */
export const TO_FIX = '#FIXME';

export type SampleFacts = {
  readonly hostName: string;
  /** An address under which others may reach this machine; `null`: none was found. */
  readonly address: string | null;
  /** The major version of the installed server, `9.6` before 10. */
  readonly server: number;
  /** What `PATRONI_*` variables say; laid over everything else. */
  readonly environment: JsonObject;
};

/**
 * A configuration that runs once its marks (`#FIXME`) are replaced.
 * Patroni's has both `nosync` and `sync_priority`, which its own validator refuses.
 * @see spec/config.md 12.1
 */
export function sampleDocument({ hostName, address, server, environment }: SampleFacts): JsonObject {
  const method = server >= 10 ? 'scram-sha-256' : 'md5';
  const replication = replicationUser(environment);
  const at = (port: number): string => (address === null ? TO_FIX : `${bracketed(address)}:${port}`);
  const template: JsonObject = {
    scope: TO_FIX,
    name: hostName,
    restapi: { connect_address: at(8008), listen: at(8008) },
    log: {
      type: 'plain',
      level: 'INFO',
      traceback_level: 'ERROR',
      format: '%(asctime)s %(levelname)s: %(message)s',
      max_queue_size: 1000,
    },
    postgresql: {
      data_dir: TO_FIX,
      connect_address: at(5432),
      listen: at(5432),
      bin_dir: '',
      authentication: {
        superuser: { username: 'postgres', password: TO_FIX },
        replication: { username: 'replicator', password: TO_FIX },
        ...(server >= 11 && { rewind: { username: 'rewind_user', password: TO_FIX } }),
      },
      parameters: { password_encryption: method },
      pg_hba: [`host all all all ${method}`, `host replication ${replication} all ${method}`],
    },
    tags: {
      failover_priority: 1,
      sync_priority: 1,
      noloadbalance: false,
      clonefrom: true,
      nostream: false,
    },
    bootstrap: {
      dcs: {
        ttl: 30,
        loop_wait: 10,
        retry_timeout: 10,
        postgresql: { use_slots: true, use_pg_rewind: true, parameters: dynamicParameters(server) },
      },
    },
  };
  return patchConfig(template, environment).document;
}

/** The defaults of what all members share, as numbers where they are some. */
function dynamicParameters(server: number): JsonObject {
  const defaults: JsonObject = Object.fromEntries(
    controlledDefaults().map(([name, value]) => [name, parseInteger(value) ?? value] as const),
  );
  return {
    ...defaults,
    wal_level: server >= 9.6 ? 'replica' : 'hot_standby',
    ...(server >= 13 ? { wal_keep_size: '128MB' } : { wal_keep_segments: 8 }),
  };
}

function replicationUser(environment: JsonObject): string {
  const path = ['postgresql', 'authentication', 'replication', 'username'];
  const given = path.reduce<Json>((inner, key) => (isJsonObject(inner) ? (inner[key] ?? null) : null), environment);
  return typeof given === 'string' ? given : 'replicator';
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
