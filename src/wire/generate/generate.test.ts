import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import { parseYaml } from '../config/yaml.ts';
import { parseDsn } from './dsn.ts';
import { documentFromServer, hbaLines, identLines } from './from-server.ts';
import { renderConfiguration } from './render.ts';
import { sampleDocument } from './sample.ts';

const environment: JsonObject = {
  name: 'a',
  scope: 'shop',
  etcd3: { hosts: ['10.0.0.1:2379', '10.0.0.2:2379'] },
  postgresql: { data_dir: '/data', connect_address: '10.0.0.1:5432' },
  restapi: { connect_address: '10.0.0.1:8008' },
};
const facts = { hostName: 'host', address: '127.0.0.1', environment };

/** What Patroni generated under the same variables, without its remarks and the tag that its validator refuses. */
function patronis(file: string): string {
  const text = readFileSync(new URL(`../../../test/fixtures/config/generated/${file}`, import.meta.url), 'utf8');
  return withoutRemarks(text).replace('  nosync: false\n', '');
}

function withoutRemarks(text: string): string {
  return text.replaceAll(/^ *#.*\n/gm, '');
}

describe('--generate-sample-config (config.md 12.1)', () => {
  test('CONF-58: for PostgreSQL 17 there are wal_keep_size, scram-sha-256 and the rewind user, as Patroni 4.1 writes them', () => {
    const text = renderConfiguration(sampleDocument({ ...facts, server: 17 }));
    expect(withoutRemarks(text)).toBe(patronis('patroni-4.1-postgresql-17.yml'));
  });

  test('for PostgreSQL 12 there is wal_keep_segments', () => {
    const text = renderConfiguration(sampleDocument({ ...facts, server: 12 }));
    expect(withoutRemarks(text)).toBe(patronis('patroni-4.1-postgresql-12.yml'));
  });

  test('before 10 there is md5, and before 11 no rewind user', () => {
    const document = sampleDocument({ ...facts, server: 9.6 });
    expect(document).toMatchObject({
      postgresql: { parameters: { password_encryption: 'md5' }, pg_hba: ['host all all all md5', expect.any(String)] },
    });
    expect(document).not.toHaveProperty('postgresql.authentication.rewind');
  });

  test('what nobody knows is marked, and it is YAML all the same', () => {
    const text = renderConfiguration(sampleDocument({ ...facts, address: null, environment: {}, server: 17 }));
    expect(parseYaml(text)).toMatchObject({
      kind: 'parsed',
      value: { scope: '#FIXME', restapi: { listen: '#FIXME' }, postgresql: { data_dir: '#FIXME' } },
    });
    expect(text.endsWith('\n')).toBe(false);
  });
});

describe('--generate-config (config.md 12.2)', () => {
  const settings = new Map([
    ['data_directory', '/data'],
    ['cluster_name', 'shop'],
    ['listen_addresses', '*'],
    ['port', '5433'],
    ['max_connections', '200'],
    ['archive_command', 'cp %p /x/%f'],
    ['hba_file', '/data/pg_hba.conf'],
    ['ident_file', '/etc/ident.conf'],
    ['config_file', '/data/postgresql.conf'],
  ]);
  const connection = new Map([
    ['user', 'postgres'],
    ['password', 'p'],
    ['sslmode', 'require'],
    ['sslnegotiation', 'direct'],
  ]);
  const document = documentFromServer({
    ...facts,
    environment: {},
    server: 15,
    settings,
    connection,
    port: null,
    hba: ['local all all peer'],
    ident: null,
    binDir: '/pg/bin',
  });

  test('each setting has its place', () => {
    expect(document).toMatchObject({
      scope: 'shop',
      bootstrap: { dcs: { postgresql: { parameters: { max_connections: '200' } } } },
      postgresql: {
        data_dir: '/data',
        listen: '*:5433',
        connect_address: '127.0.0.1:5433',
        bin_dir: '/pg/bin',
        pg_hba: ['local all all peer'],
        parameters: { archive_command: 'cp %p /x/%f', ident_file: '/etc/ident.conf' },
      },
    });
    expect(document).not.toHaveProperty('bootstrap.dcs.postgresql.parameters.port');
    expect(document).not.toHaveProperty('postgresql.parameters.hba_file');
    expect(document).not.toHaveProperty('postgresql.pg_ident');
  });

  test('the superuser is who connected, with what this version understands', () => {
    expect(document).toMatchObject({
      postgresql: {
        authentication: {
          superuser: {
            username: 'postgres',
            password: 'p',
            sslmode: 'require',
            gssencmode: 'prefer',
            channel_binding: 'prefer',
          },
          replication: { username: '#FIXME', password: '#FIXME' },
        },
      },
    });
    expect(document).not.toHaveProperty('postgresql.authentication.superuser.sslnegotiation');
  });

  test('lines that say nothing are left out', () => {
    expect(hbaLines('# local\nlocal all all peer\n\n  host a b c d # e\ninclude x\n', 15)).toEqual([
      'local all all peer',
      'host a b c d # e',
    ]);
    expect(hbaLines('include x', 16)).toEqual(['include x']);
    expect(identLines('# MAP\nm a b\n')).toEqual(['m a b']);
  });
});

test.for<[text: string, found: Readonly<Record<string, string>> | null]>([
  ['', {}],
  ["host=a port = 5 user=b password='c \\'d'", { host: 'a', port: '5', user: 'b', password: "c 'd" }],
  [
    'postgres://b:c%40@[::1]:5/db?sslmode=require',
    { host: '::1', port: '5', user: 'b', password: 'c@', dbname: 'db', sslmode: 'require' },
  ],
  ['postgresql:///db', { dbname: 'db' }],
  ['postgres://%zz@a', null],
  ['nonsense', null],
  ["host='a", null],
])('the connection string %j', ([text, found]) => {
  const parsed = parseDsn(text);
  expect(parsed === null ? null : Object.fromEntries(parsed)).toEqual(found);
});
