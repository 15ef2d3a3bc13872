import { describe, expect, test } from 'vitest';
import { loadAgentConfig } from './load.ts';

function load(restapi: string) {
  const text = [
    'name: n1',
    'scope: demo',
    'etcd3: {hosts: 127.0.0.1:2379}',
    `restapi: {listen: "127.0.0.1:8008", ${restapi}}`,
    'postgresql: {listen: 127.0.0.1:5432, data_dir: /data, authentication: {superuser: {username: postgres}, replication: {username: r}}}',
  ].join('\n');
  return loadAgentConfig({ files: [{ path: 'n1.yml', text }], environment: {} });
}

function api(restapi: string) {
  const loaded = load(restapi);
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.config.api;
}

const both = 'http_extra_headers: {X-A: 1, X-B: on}, https_extra_headers: {X-B: "2", X-C: c}';

test('headers of both kinds, those for TLS only with it, and over the others', () => {
  expect(api(both).extraHeaders).toEqual([
    ['X-A', '1'],
    ['X-B', 'True'],
  ]);
  expect(api(`certfile: /c, ${both}`).extraHeaders).toEqual([
    ['X-A', '1'],
    ['X-B', '2'],
    ['X-C', 'c'],
  ]);
});

describe('a header that cannot be sent is refused, with its place', () => {
  test.each(['{"X A": 1}', '{"": 1}', '{X-A: "one\\ntwo"}', '{X-A: "€"}', '[1]'])('%s', (headers) => {
    expect(load(`http_extra_headers: ${headers}`)).toMatchObject({
      kind: 'invalid',
      problems: [{ path: expect.stringMatching(/^restapi\.http_extra_headers/), line: 4 }],
    });
  });
});

test.each([
  ['server_tokens: Minimal', { serverTokens: 'minimal' }],
  ['server_tokens: PRODUCTONLY', { serverTokens: 'product-only' }],
  ['server_tokens: none', { serverTokens: 'original' }],
  ['request_queue_size: 7', { backlog: 7 }],
  ['request_queue_size: -1', { backlog: 128 }],
  ['request_queue_size: many', { backlog: 128 }],
  ['allowlist_include_members: true', { allowlistIncludesMembers: true }],
  ['certfile: /c, ciphers: "ECDHE+AESGCM"', { tls: { ciphers: 'ECDHE+AESGCM' } }],
])('%s', (option, expected) => {
  expect(api(option)).toMatchObject(expected);
});

test.each(['server_tokens: none', 'request_queue_size: many'])('%s is told', (option) => {
  const loaded = load(option);
  expect(loaded.kind === 'ok' && loaded.config.notices).toMatchObject([expect.stringMatching(/^restapi\./)]);
});
