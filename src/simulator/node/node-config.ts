import type { AgentConfig } from '../../domain/agent-config.ts';
import type { JsonObject } from '../../domain/json.ts';
import { memberName } from '../../domain/names.ts';
import type { Tags } from '../../domain/tags.ts';
import type { Place } from '../world/network.ts';
import { remoteSection } from '../world/remote-place.ts';
import type { Settings } from '../world/settings.ts';

/** The configuration file of one simulated node, as the loader would have read it. `file`: what is its own in it. */
export function nodeConfig(place: Place, settings: Settings, file: NodeFile): AgentConfig {
  const { watchdog } = settings;
  const noTls = { caFile: null, certFile: null, keyFile: null };
  const role = (username: string) => ({ username, password: 'secret', connection: {} });
  return {
    name: memberName(place),
    scope: 'simulated',
    namespace: '/service/',
    tags: file.tags,
    store: {
      kind: 'etcd3',
      endpoints: [],
      protocol: 'http',
      tls: noTls,
      username: null,
      password: null,
      useProxies: true,
    },
    api: {
      listenHost: '0.0.0.0',
      port: 8008,
      connectAddress: `${place}:8008`,
      auth: null,
      tls: null,
      clientCaFile: null,
      verifyClient: 'none',
      allowlist: [],
      allowlistIncludesMembers: false,
      extraHeaders: [],
      serverTokens: 'original',
      backlog: 5,
      client: { tls: noTls, insecure: false, auth: null },
    },
    postgres: {
      listenAddresses: '*',
      port: POSTGRES_PORT,
      connectAddress: `${place}:${POSTGRES_PORT}`,
      proxyAddress: null,
      dataDir: '/data',
      configDir: '/data',
      binDir: '',
      binNames: {},
      database: 'postgres',
      pgpassFile: '/pgpass',
      useUnixSocket: false,
      useUnixSocketForReplication: false,
      superuser: role('postgres'),
      replication: role('replicator'),
      rewind: role('rewinder'),
      section: {},
    },
    bootstrap: {
      dynamic: dynamicDocument({ ...settings, ...file.timings }),
      initdbOptions: ['--encoding=UTF8', '--data-checksums'],
      pgHba: [],
      custom: null,
      postBootstrap: null,
    },
    watchdog: { mode: watchdog.mode, device: '/dev/watchdog', safetyMargin: watchdog.safetyMargin },
    log: { level: 'info', format: 'plain' },
    notices: [],
  };
}

/** What may differ from node to node; an operator may edit it. */
export type NodeFile = {
  readonly tags: Tags;
  readonly timings: Pick<Settings, 'ttl' | 'loopWait' | 'retryTimeout'>;
};

export function originalFile(place: Place, settings: Settings): NodeFile {
  const { ttl, loopWait, retryTimeout } = settings;
  return { tags: settings.tags[place] ?? {}, timings: { ttl, loopWait, retryTimeout } };
}

/** `bootstrap.dcs` */
function dynamicDocument(settings: Settings): JsonObject {
  return {
    ttl: settings.ttl,
    loop_wait: settings.loopWait,
    retry_timeout: settings.retryTimeout,
    ...(settings.failsafeMode && { failsafe_mode: true }),
    ...(settings.standbyCluster && { standby_cluster: remoteSection(settings) }),
    ...(Object.keys(settings.slots).length === 0 ? {} : { slots: settings.slots }),
    ...synchronousDocument(settings.synchronous),
    postgresql: {
      use_pg_rewind: settings.usePgRewind,
      use_slots: true,
      remove_data_directory_on_rewind_failure: settings.removeDataOnDivergence,
      remove_data_directory_on_diverged_timelines: settings.removeDataOnDivergence,
    },
  };
}

/** The part of the configuration that asks for synchronous replication; nothing, where nothing ever did. */
function synchronousDocument({ mode, strict, nodeCount }: Settings['synchronous']): JsonObject {
  if (mode === 'off' && !strict && nodeCount === 1) return {};
  return {
    synchronous_mode: mode === 'quorum' ? mode : mode === 'on',
    synchronous_mode_strict: strict,
    synchronous_node_count: nodeCount,
  };
}

const POSTGRES_PORT = 5432;
