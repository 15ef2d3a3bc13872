import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinHostPort, splitHostPort } from './host-port.ts';

it.each([
  ['127.0.0.1:5432', 1, { host: '127.0.0.1', port: 5432 }],
  ['*:5432', 1, { host: '*', port: 5432 }],
  [':8008', null, { host: '', port: 8008 }],
  ['a,b:5432', 1, { host: 'a,b', port: 5432 }],
  ['[::1], 127.0.0.1:5432', 1, { host: '::1,127.0.0.1', port: 5432 }],
  ['[::1]:5432', 1, { host: '::1', port: 5432 }],
  ['::1:5432', 1, { host: '::1', port: 5432 }],
  ['[fe80::1%eth0]', 5432, { host: 'fe80::1%eth0', port: 5432 }],
  ['localhost', 5432, { host: 'localhost', port: 5432 }],
  ['localhost', null, null],
  ['::1', 5432, null],
  ['host:', 1, null],
  ['host:0', 1, null],
  ['host:65536', 1, null],
  ['http://host:2379', 1, null],
  ['host:2379/', 1, null],
  ['', 1, null],
])('%j with default port %j is %j', (text, defaultPort, split) => {
  expect(splitHostPort(text, defaultPort)).toEqual(split);
});

it('reads what it writes', () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().filter((each) => !each.includes('.')),
  );
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
      expect(splitHostPort(joinHostPort({ host: name, port }), null)).toEqual({ host: name, port });
    }),
  );
});
