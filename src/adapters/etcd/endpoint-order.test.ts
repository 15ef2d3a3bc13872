import { expect, it } from 'vitest';
import { type EtcdEndpoint, parseClientUrl } from './endpoint.ts';
import { afterDiscovery, afterFailure, afterSuccess } from './endpoint-order.ts';

const [a, b, c, x] = ['a:1', 'b:1', 'c:1', 'x:1'].map((address): EtcdEndpoint => ({ protocol: 'http', address })) as [
  EtcdEndpoint,
  EtcdEndpoint,
  EtcdEndpoint,
  EtcdEndpoint,
];

it('puts the endpoint that answered first, and those tried in vain last', () => {
  expect(afterSuccess([a, b, c], 0)).toEqual([a, b, c]);
  expect(afterSuccess([a, b, c], 2)).toEqual([c, a, b]);
});

it('tries an endpoint that failed again only after all others', () => {
  expect(afterFailure([a, b, c], a)).toEqual([b, c, a]);
  expect(afterFailure([a], a)).toEqual([a]);
});

it('keeps the endpoint in use first, then the members, then what only the configuration knows', () => {
  expect(afterDiscovery({ order: [x], configured: [x], discovered: [b, a] })).toEqual([x, b, a]);
  expect(afterDiscovery({ order: [a, x, b], configured: [x], discovered: [b, c, a] })).toEqual([a, b, c, x]);
});

it('forgets members that left the store', () => {
  expect(afterDiscovery({ order: [a, b, c], configured: [a], discovered: [a, b] })).toEqual([a, b]);
});

it('learns nothing from an empty list', () => {
  expect(afterDiscovery({ order: [a, b], configured: [a], discovered: [] })).toEqual([a, b]);
});

it.each([
  ['http://10.0.0.1:2379', { protocol: 'http', address: '10.0.0.1:2379' }],
  ['https://[::1]:2379/', { protocol: 'https', address: '[::1]:2379' }],
  ['unix:///run/etcd.sock', null],
  ['http://no-port', null],
])('reads the client URL %j', (url, endpoint) => {
  expect(parseClientUrl(url)).toEqual(endpoint);
});
