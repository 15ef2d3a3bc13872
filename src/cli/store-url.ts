import type { JsonObject } from '../domain/json.ts';

/**
 * Lay `-d SCHEME://HOST:PORT/NAMESPACE` over a configuration; each part may be missing. It replaces the sections of the
 * five stores that it can name (spec/ctl.md 2).
 * @returns a sentence when it names something else.
 */
export function applyStoreUrl(document: JsonObject, url: string): JsonObject | string {
  const [, schemeText = '', host = '', portText = '', path = ''] = GRAMMAR.exec(url) ?? [];
  const scheme = schemeText === '' ? (schemeOfPort[portText] ?? 'etcd') : schemeText.toLowerCase();
  const defaultPort = defaultPorts[scheme];
  if (defaultPort === undefined) return `Unknown dcs scheme: ${scheme}`;
  const address = `${host === '' ? 'localhost' : host}:${portText === '' ? defaultPort : portText}`;
  const kept = Object.fromEntries(Object.entries(document).filter(([key]) => defaultPorts[key] === undefined));
  const namespace = path === '' || path === '/' ? {} : { namespace: path };
  return { ...kept, ...namespace, [scheme]: hostKey(scheme, address) };
}

const GRAMMAR = /^(?:([a-z0-9+.-]+):\/\/)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)(?::(\d+))?(\/[^?#]*)?/i;

const defaultPorts: Readonly<Record<string, string>> = {
  zookeeper: '2181',
  exhibitor: '8181',
  consul: '8500',
  etcd: '2379',
  etcd3: '2379',
};

/** Without a scheme the port tells, and what it does not tell is the old etcd. */
const schemeOfPort: Readonly<Record<string, string>> = { '2181': 'zookeeper', '8181': 'exhibitor', '8500': 'consul' };

function hostKey(scheme: string, address: string): JsonObject {
  return scheme === 'zookeeper' || scheme === 'exhibitor' ? { hosts: [address] } : { host: address };
}
