import { type EtcdEndpoint, endpointUrl } from './endpoint.ts';

/** The one that answered goes first; those that were tried before it in vain go last. */
export function afterSuccess<Endpoint>(order: readonly Endpoint[], tried: number): readonly Endpoint[] {
  return [...order.slice(tried), ...order.slice(0, tried)];
}

/** One that did not answer is tried again only after all others. */
export function afterFailure(order: readonly EtcdEndpoint[], failed: EtcdEndpoint): readonly EtcdEndpoint[] {
  const isFailed = (each: EtcdEndpoint): boolean => endpointUrl(each) === endpointUrl(failed);
  return [...order.filter((each) => !isFailed(each)), ...order.filter(isFailed)];
}

/**
 * The members that the store names, and behind them the configured endpoints: names that only the configuration knows may
 * still lead there when no member can be reached under its own. The endpoint in use stays first, the known ones keep
 * their order.
 */
export function afterDiscovery(options: {
  readonly order: readonly EtcdEndpoint[];
  readonly configured: readonly EtcdEndpoint[];
  readonly discovered: readonly EtcdEndpoint[];
}): readonly EtcdEndpoint[] {
  const { order, configured, discovered } = options;
  if (discovered.length === 0) return order;
  const wanted = new Set(discovered.map(endpointUrl));
  const first = order.slice(0, 1);
  const known = order.filter((each) => wanted.has(endpointUrl(each)));
  return distinct([...first, ...known, ...discovered, ...configured]);
}

/** Those that were just found first; the one in use, and those known besides, keep their order behind them. */
export function afterSearch(order: readonly EtcdEndpoint[], found: readonly EtcdEndpoint[]): readonly EtcdEndpoint[] {
  const known = new Set(order.map(endpointUrl));
  return [...found.filter((each) => !known.has(endpointUrl(each))), ...order];
}

function distinct(endpoints: readonly EtcdEndpoint[]): readonly EtcdEndpoint[] {
  return [...new Map(endpoints.map((each) => [endpointUrl(each), each])).values()];
}
