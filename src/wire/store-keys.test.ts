import { expect, it } from 'vitest';
import { storeKey } from '../domain/names.ts';
import { clusterPrefix, memberOfKey } from './store-keys.ts';

it.each([
  ['service', '/service/shop/'],
  ['/service/', '/service/shop/'],
  ['//service', '/service/shop/'],
  ['//a//b/', '/a/b/shop/'],
  ['', '/shop/'],
])('C-01: collapses slashes: namespace %j', (namespace, prefix) => {
  expect(clusterPrefix({ namespace, scope: 'shop' })).toBe(prefix);
});

it.each([
  ['members/shop-a', 'shop-a'],
  ['members/x/y', null],
  ['members/', null],
  ['members', null],
  ['matriarch/members/a', null],
])('finds the member of key %j', (key, name) => {
  expect(memberOfKey(storeKey(key))).toBe(name);
});
