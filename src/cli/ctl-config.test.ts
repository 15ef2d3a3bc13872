import { describe, expect, test } from 'vitest';
import { readCtlConfig } from './ctl-config.ts';

function read(
  texts: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  storeUrl: string | null = null,
) {
  const found = readCtlConfig({ texts, environment, storeUrl, insecure: false });
  return found.kind === 'ok' ? found.config : found.message;
}

test("a server's own file is good enough, and what is not needed is not judged", () => {
  const text =
    'scope: demo\nname: n1\nrestapi: nonsense\npostgresql: 5\netcd3:\n  hosts: a:2379,b:2379\n  protocol: https';

  expect(read([text])).toMatchObject({
    scope: 'demo',
    namespace: 'service',
    store: { endpoints: ['a:2379', 'b:2379'], protocol: 'https' },
  });
});

test('later files win over earlier ones, and variables over both', () => {
  const texts = ['scope: a\nnamespace: x\netcd3: {hosts: a}', 'scope: b\nnamespace: null'];

  expect(read(texts)).toMatchObject({ scope: 'b', namespace: 'service' });
  expect(read(texts, { PATRONI_SCOPE: 'c', PATRONI_ETCD3_HOSTS: 'z:1' })).toMatchObject({
    scope: 'c',
    store: { endpoints: ['z:1'] },
  });
});

test('without a file PATRONI_CONFIGURATION counts alone, with one it does not count', () => {
  const environment = { PATRONI_CONFIGURATION: 'scope: whole\netcd3: {hosts: a}', PATRONI_SCOPE: 'single' };

  expect(read([], environment)).toMatchObject({ scope: 'whole' });
  expect(read(['etcd3: {hosts: a}'], environment)).toMatchObject({ scope: 'single' });
});

test('no store, and text that is no YAML, are errors', () => {
  expect(read(['scope: a'])).toMatch(/^Can not find suitable configuration of distributed configuration store/);
  expect(read(['a: [b'])).toMatch(/invalid YAML/);
  expect(read(['- a'])).toMatch(/map/);
});

test('a store of which no address can be read is an error that names it', () => {
  expect(read(['etcd3: {hosts: "http://a:2379"}'])).toMatch(/etcd3\.hosts .*no host:port/);
  expect(read([], {}, 'etcd3://a b:2379')).toMatch(/etcd3\.host "a b:2379"/);
  expect(read(['etcd3: {hosts: "a, b c"}'])).toMatchObject({ store: { endpoints: ['a:2379'] } });
});

describe('CTL-24: -d', () => {
  test('names store, address and namespace, and replaces the configured store', () => {
    expect(read(['namespace: x\nconsul: {host: a}'], {}, 'etcd3://h/ns')).toMatchObject({
      namespace: '/ns',
      store: { endpoints: ['h:2379'] },
    });
    expect(read(['namespace: x'], {}, 'etcd3://h:99')).toMatchObject({
      namespace: 'x',
      store: { endpoints: ['h:99'] },
    });
    expect(read([], {}, 'etcd3://[::1]:99')).toMatchObject({ store: { endpoints: ['[::1]:99'] } });
    expect(read([], {}, 'etcd3://')).toMatchObject({ store: { endpoints: ['localhost:2379'] } });
  });

  test('an unknown scheme is an error; without one the port tells, or it is the old etcd', () => {
    expect(read([], {}, 'foo://h')).toBe('Unknown dcs scheme: foo');
    expect(read([], {}, 'h:2379')).toMatch(/etcd/);
    expect(read([], {}, 'h:8500')).toMatch(/consul/);
  });
});
