import { expect, test } from 'vitest';
import { localAddress, localTcpHost } from './local-address.ts';

test.each([
  ['*', 'localhost'],
  ['10.0.0.1,127.0.0.1', 'localhost'],
  ['10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['0.0.0.0', 'localhost'],
  ['', 'localhost'],
  ['::', '::1'],
  ['::,0.0.0.0', 'localhost'],
  ['fd00::1', 'fd00::1'],
])('a server that listens on %j is reached at %s', (listen, host) => {
  expect(localTcpHost(listen)).toBe(host);
});

const running = { addresses: null, port: 6000, socketDirectory: '/run/pg' };

test('the port that the server really listens on wins over the configured one', () => {
  const config = { listenAddresses: '10.0.0.1', port: 5432 };
  expect(localAddress(config, running, 'tcp')).toEqual({ host: '10.0.0.1', port: 6000 });
  expect(localAddress(config, running, 'unix-socket')).toEqual({ host: '/run/pg', port: 6000 });
  expect(localAddress(config, null, 'unix-socket')).toEqual({ host: '10.0.0.1', port: 5432 });
});

test.each([
  ['10.0.0.1', '10.0.0.2', '10.0.0.1'],
  ['10.0.0.1', '10.0.0.1,127.0.0.1', '10.0.0.1'],
  ['10.0.0.1,127.0.0.1', '10.0.0.1', 'localhost'],
])(
  'a server that was started with %s is reached there, whatever is configured for its next start (%s)',
  (addresses, listenAddresses, host) => {
    expect(localAddress({ listenAddresses, port: 6000 }, { ...running, addresses }, 'tcp').host).toBe(host);
  },
);
