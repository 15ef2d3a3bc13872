import { expect, test } from 'vitest';
import { conninfoText, parseConninfo } from './conninfo.ts';

const target = {
  host: 'n1',
  port: 5432,
  database: 'postgres',
  credentials: { username: 'replicator', password: 'secret', connection: {} },
};

test('a conninfo string has its keywords in order and no password', () => {
  expect(conninfoText(target, 15, { passfile: '/p/pgpass', application_name: 'b' })).toBe(
    'dbname=postgres user=replicator passfile=/p/pgpass host=n1 port=5432 sslmode=prefer application_name=b ' +
      'gssencmode=prefer channel_binding=prefer',
  );
});

test('keywords newer than the server are left out', () => {
  const credentials = { ...target.credentials, connection: { sslcrldir: '/crl', sslmode: 'require' } };
  expect(conninfoText({ ...target, credentials }, 13)).not.toContain('sslcrldir');
  expect(conninfoText({ ...target, credentials }, 14)).toContain('sslmode=require sslcrldir=/crl');
  expect(conninfoText(target, 17)).toContain('sslnegotiation=postgres');
});

test('blanks, quotes and backslashes are escaped, and read back', () => {
  const text = conninfoText({ ...target, database: String.raw`a b'c\d` }, 15);
  expect(text).toContain(String.raw`dbname=a\ b\'c\\d `);
  expect(parseConninfo(text)?.['dbname']).toBe(String.raw`a b'c\d`);
});

test.each([
  ["host=a port = 5432 dbname='x y'", { host: 'a', port: '5432', dbname: 'x y' }],
  ['', {}],
  ['host', null],
  ["host='open", null],
])('conninfo %j is read', (text, values) => {
  expect(parseConninfo(text)).toEqual(values);
});
