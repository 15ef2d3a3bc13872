import { expect, test } from 'vitest';
import { KnownNames } from './known-names.ts';

test('an address is no name: nobody is asked', async () => {
  const names = new KnownNames(() => Promise.reject(new Error('asked')));
  expect(await names.addressesOf('10.0.0.1')).toEqual(['10.0.0.1']);
  expect(await names.addressesOf('fe80::1')).toEqual(['fe80::1']);
});

test('a name that is found leads where it leads now', async () => {
  const answers = [['10.0.0.1'], ['10.0.0.2', '10.0.0.3']];
  const names = new KnownNames(() => Promise.resolve(answers.shift() ?? []));
  expect(await names.addressesOf('etcd1')).toEqual(['10.0.0.1']);
  expect(await names.addressesOf('etcd1')).toEqual(['10.0.0.2', '10.0.0.3']);
});

test('a name that cannot be found, or not soon, leads where it led', async () => {
  const answers = [Promise.resolve(['10.0.0.1']), Promise.reject(new Error('EAI_AGAIN')), new Promise<never>(() => {})];
  const names = new KnownNames(() => answers.shift()!);
  for (const _ of [1, 2, 3, 4]) expect(await names.addressesOf('etcd1')).toEqual(['10.0.0.1']);
});

test('a name that never led anywhere fails in the words of whoever was asked, and is asked for again', async () => {
  const answers = [Promise.reject(new Error('ENOTFOUND')), Promise.resolve(['10.0.0.1'])];
  const names = new KnownNames(() => answers.shift()!);
  await expect(names.addressesOf('etcd1')).rejects.toThrow('ENOTFOUND');
  expect(await names.addressesOf('etcd1')).toEqual(['10.0.0.1']);
});

test('a name is asked for once at a time', async () => {
  let asked = 0;
  const answer = Promise.withResolvers<readonly string[]>();
  const names = new KnownNames(() => {
    asked += 1;
    return answer.promise;
  });
  const both = [names.addressesOf('etcd1'), names.addressesOf('etcd1')];
  expect(asked).toBe(1);
  expect(names.isAwaited('etcd1')).toBe(true);
  answer.resolve(['10.0.0.1']);
  expect(await Promise.all(both)).toEqual([['10.0.0.1'], ['10.0.0.1']]);
  expect(names.isAwaited('etcd1')).toBe(false);
});
