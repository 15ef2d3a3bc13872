import type { StoreConfig } from '../../domain/agent-config.ts';
import { joinHostPort, splitHostPort } from './host-port.ts';
import type { Section } from './section.ts';
import { flag, hasSection, problem, subsection, text, texts } from './section.ts';

/**
 * Which store, and where. Patroni takes the first configured one in alphabetical order; so do we, and refuse to start
 * when it is one that we do not speak, because another store is another cluster.
 * @see spec/config.md 9.7, spec/dcs.md 3.1.7 and 3.1.8
 */
export function readStore(root: Section): StoreConfig | null {
  const kind = STORES.find((each) => root.values[each] !== undefined && root.values[each] !== null);
  if (kind === undefined) {
    reportMissing(root);
    return null;
  }
  if (kind !== 'etcd3') {
    problem(root, kind, `is chosen as the store, and only etcd3 is supported so far${adviceFor(kind, root)}`);
    return null;
  }
  return readEtcd3(subsection(root, 'etcd3'));
}

/** A section that nobody knows was perhaps meant to name the store: then it is the place to look at. */
function reportMissing(root: Section): void {
  const stranger = Object.keys(root.values).find((key) => hasSection(root, key) && !OTHER_SECTIONS.has(key));
  const remedy = 'name the store that keeps the cluster together (etcd3.hosts: a:2379,b:2379)';
  if (stranger === undefined) problem(root, 'etcd3', `is missing: ${remedy}`);
  else problem(root, stranger, `is no store that is known here, and there is no other: ${remedy}`);
}

const OTHER_SECTIONS: ReadonlySet<string> = new Set([
  'bootstrap',
  'citus',
  'ctl',
  'log',
  'postgresql',
  'restapi',
  'tags',
  'watchdog',
]);

const STORES = ['consul', 'etcd', 'etcd3', 'exhibitor', 'kubernetes', 'raft', 'zookeeper'] as const;

function adviceFor(kind: (typeof STORES)[number], root: Section): string {
  if (root.values['etcd3'] !== undefined) return `: remove "${kind}", which comes first in the alphabet`;
  return kind === 'etcd'
    ? ': "etcd" is its old version 2 protocol, and its keys are other keys than those of etcd3'
    : '';
}

const DEFAULT_PORT = 2379;

function readEtcd3(section: Section): StoreConfig | null {
  const source = readUrl(section, 'proxy') ?? readUrl(section, 'url') ?? readHosts(section);
  if (source === null) return null;
  return {
    kind: 'etcd3',
    ...source,
    tls: { caFile: text(section, 'cacert'), certFile: text(section, 'cert'), keyFile: text(section, 'key') },
  };
}

type Source = Pick<StoreConfig, 'endpoints' | 'protocol' | 'srv' | 'username' | 'password' | 'useProxies'>;

/** A URL beats hosts, and its credentials those of the section, even when it has none. */
function readUrl(section: Section, key: 'url' | 'proxy'): Source | null {
  const value = text(section, key);
  if (value === null) return null;
  const parts = /^(https?):\/\/(?:([^@/]*)@)?([^/?#]+)/i.exec(value);
  const address = splitHostPort(parts?.[3] ?? '', DEFAULT_PORT);
  if (parts === null || address === null) {
    problem(section, key, 'must be a URL like https://etcd.example:2379');
    return null;
  }
  const [username = '', password = ''] = splitOnce(parts[2] ?? '', ':');
  return {
    endpoints: [joinHostPort(address)],
    protocol: parts[1]?.toLowerCase() === 'https' ? 'https' : 'http',
    username: username === '' ? null : decoded(username),
    password: password === '' ? null : decoded(password),
    useProxies: key === 'proxy' || flag(section, 'use_proxies'),
  };
}

function readHosts(section: Section): Source | null {
  const key = section.values['hosts'] === undefined || section.values['hosts'] === null ? 'host' : 'hosts';
  const port = defaultPort(section);
  const addresses = texts(section, key)
    .flatMap((each) => each.split(','))
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const endpoints = addresses.flatMap((address) => endpoint(section, { key, address, port }));
  const srv = readSrv(section);
  if (addresses.length === 0 && srv === null) {
    problem(section, 'hosts', 'names no address: list the members of etcd (hosts: a:2379,b:2379,c:2379)');
    return null;
  }
  return {
    endpoints,
    ...(srv === null ? {} : { srv }),
    protocol: readProtocol(section),
    username: text(section, 'username'),
    password: text(section, 'password'),
    useProxies: flag(section, 'use_proxies'),
  };
}

function endpoint(
  section: Section,
  { key, address, port }: { readonly key: string; readonly address: string; readonly port: number },
): readonly string[] {
  const split = splitHostPort(address, port);
  if (split !== null && split.host !== '') return [joinHostPort(split)];
  // A URL may have a password, and a problem is logged.
  const which = /[/@]/.test(address) ? 'a URL is no host:port' : `"${address}" is no host:port`;
  problem(section, key, `${which}; the protocol has an option of its own (protocol: https)`);
  return [];
}

function defaultPort(section: Section): number {
  const configured = text(section, 'port');
  if (configured === null) return DEFAULT_PORT;
  const split = splitHostPort(`port:${configured}`, null);
  if (split === null) problem(section, 'port', 'must be a port from 1 to 65535');
  return split?.port ?? DEFAULT_PORT;
}

function readProtocol(section: Section): StoreConfig['protocol'] {
  const protocol = (text(section, 'protocol') ?? 'http').toLowerCase();
  if (protocol !== 'http' && protocol !== 'https') problem(section, 'protocol', 'must be http or https');
  return protocol === 'https' ? 'https' : 'http';
}

function readSrv(section: Section): NonNullable<StoreConfig['srv']> | null {
  const domain = text(section, 'srv_domain') ?? text(section, 'discovery_srv') ?? text(section, 'srv');
  return domain === null ? null : { domain, suffix: text(section, 'srv_suffix') };
}

function splitOnce(value: string, separator: string): readonly string[] {
  const at = value.indexOf(separator);
  return at === -1 ? [value] : [value.slice(0, at), value.slice(at + 1)];
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}
