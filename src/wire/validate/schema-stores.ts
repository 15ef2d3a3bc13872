import { z } from 'zod';
import { allReachable, connectAddress, listenAddress, type Network, reachable } from './addresses.ts';
import { type Check, either, failed, flag, integer, listOf, oneOf, real, someMap, text, whole } from './check.ts';
import { map, type Rule } from './map.ts';

/** The sections of stores (spec/config.md 9.7): one of them has to be there. */
export function storeRules(network: Network, ports: 'have-to-be-free' | 'may-be-taken'): Rule {
  const etcd = etcdSection(network);
  return {
    kind: 'one-at-least',
    fields: {
      consul: consulSection(network),
      etcd,
      etcd3: etcd,
      exhibitor,
      kubernetes,
      raft: raftSection(network, ports),
      zookeeper: zookeeperSection(network),
    },
  };
}

const port = integer({ max: 65_535, typed: true });

function etcdSection(network: Network): Check {
  return map(
    {
      kind: 'one-at-least',
      fields: {
        host: reachable(network),
        hosts: allReachable(network),
        srv: text,
        srv_suffix: text,
        url: text,
        proxy: text,
      },
    },
    {
      kind: 'optional',
      fields: { protocol: text, username: text, password: text, cacert: text, cert: text, key: text },
    },
  );
}

function consulSection(network: Network): Check {
  return map(
    { kind: 'one-at-least', fields: { host: reachable(network), url: text } },
    {
      kind: 'optional',
      fields: {
        port,
        scheme: text,
        token: text,
        verify: flag,
        cacert: text,
        cert: text,
        key: text,
        dc: text,
        checks: listOf(text),
        register_service: flag,
        service_tags: listOf(text),
        service_check_interval: text,
        service_check_tls_server_name: text,
        consistency: oneOf(['default', 'consistent', 'stale']),
      },
    },
  );
}

const exhibitor: Check = map(
  { kind: 'required', fields: { hosts: listOf(text), port } },
  { kind: 'optional', fields: { poll_interval: integer({ min: 1, typed: true }) } },
);

const address = z.union([z.ipv4(), z.ipv6()]);

const ipAddress: Check = (place) => {
  const { value } = place;
  if (typeof value === 'string' && address.safeParse(value).success) return [];
  return [...failed(place, 'Is not a valid ipv4 address'), ...failed(place, 'Is not a valid ipv6 address')];
};

/** Of an item the whole is shown. */
const kubernetesPort: Check = (place) => {
  const item = map({ kind: 'optional', fields: { name: text } }, { kind: 'required', fields: { port } });
  const found = item(place);
  const [shown] = failed(place, '');
  return found.map((each) => (each.shown === '' ? each : { ...each, shown: shown?.shown ?? '' }));
};

const kubernetes: Check = map(
  { kind: 'required', fields: { labels: someMap } },
  {
    kind: 'optional',
    fields: {
      bypass_api_service: flag,
      namespace: text,
      scope_label: text,
      role_label: text,
      leader_label_value: text,
      follower_label_value: text,
      standby_leader_label_value: text,
      tmp_role_label: text,
      use_endpoints: flag,
      pod_ip: ipAddress,
      ports: listOf(kubernetesPort),
      cacert: text,
      retriable_http_codes: either({ integer: whole, list: listOf(whole) }),
    },
  },
);

const above: Check = real((number) => number > 0);

function raftSection(network: Network, ports: 'have-to-be-free' | 'may-be-taken'): Check {
  return map(
    { kind: 'required', fields: { self_addr: connectAddress } },
    {
      kind: 'optional',
      fields: {
        bind_addr: listenAddress(network, ports),
        partner_addrs: allReachable(network),
        data_dir: text,
        password: text,
        min_timeout: above,
        max_timeout: above,
        connection_timeout: above,
        append_entries_period: above,
        connection_retry_time: real((number) => number >= 0),
        leader_fallback_timeout: above,
      },
    },
  );
}

function zookeeperSection(network: Network): Check {
  return map(
    { kind: 'required', fields: { hosts: allReachable(network) } },
    {
      kind: 'optional',
      fields: {
        use_ssl: flag,
        cacert: text,
        cert: text,
        key: text,
        key_password: text,
        verify: flag,
        set_acls: someMap,
        auth_data: someMap,
      },
    },
  );
}
