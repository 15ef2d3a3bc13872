import { expect, test } from 'vitest';
import { findByService } from './service-records.ts';

const record = (name: string, priority = 0, weight = 0) => ({ name, port: 2379, priority, weight });
const none = () => Promise.reject(new Error('ENOTFOUND'));

test('the first kind of record that there is counts, by priority and weight', async () => {
  const asked: string[] = [];
  const find = findByService({ domain: 'example.org', suffix: null }, (name) => {
    asked.push(name);
    return name.startsWith('_etcd-ssl.')
      ? Promise.resolve([record('b', 2), record('c', 1, 1), record('a', 1, 5)])
      : none();
  });
  expect((await find()).map(({ protocol, address }) => `${protocol} ${address}`)).toEqual([
    'https a:2379',
    'https c:2379',
    'https b:2379',
  ]);
  expect(asked).toEqual(['_etcd-client-ssl', '_etcd-client', '_etcd-ssl'].map((each) => `${each}._tcp.example.org`));
});

test('a suffix tells several clusters of one domain apart', async () => {
  const find = findByService({ domain: 'example.org', suffix: 'db' }, (name) =>
    name === '_etcd-client-db._tcp.example.org' ? Promise.resolve([record('a')]) : none(),
  );
  expect(await find()).toEqual([{ protocol: 'http', address: 'a:2379' }]);
});

test('what was found counts until something else is', async () => {
  const answers = [none, () => Promise.resolve([record('a')])];
  const find = findByService({ domain: 'example.org', suffix: null }, () => (answers.shift() ?? none)());
  expect(await find()).toEqual([{ protocol: 'http', address: 'a:2379' }]);
  expect(await find()).toEqual([{ protocol: 'http', address: 'a:2379' }]);
});

test('where there is none, that is said', async () => {
  await expect(findByService({ domain: 'example.org', suffix: null }, none)()).rejects.toThrow('example.org');
});
