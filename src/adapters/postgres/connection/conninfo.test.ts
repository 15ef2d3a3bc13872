import { expect, test } from 'vitest';
import { seconds } from '../../../domain/time.ts';
import { conninfoText, mortal, parseConninfo } from './conninfo.ts';

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

test.each([
  [10, 7, 1],
  [30, 15, 5],
  [300, 150, 50],
])(
  'a connection that is silent for %i s ends: probed after %i s, three times, %i s apart',
  (patience, idle, interval) => {
    const text = conninfoText(target, 15, mortal(seconds(patience)));

    expect(parseConninfo(text)).toMatchObject({
      connect_timeout: String(patience),
      keepalives_idle: String(idle),
      keepalives_interval: String(interval),
      keepalives_count: '3',
      tcp_user_timeout: String(patience * 1000),
    });
    expect(idle + 3 * interval).toBe(patience);
  },
);

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
