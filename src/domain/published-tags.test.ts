import { expect, test } from 'vitest';
import { publishedTags } from './published-tags.ts';

test('built-in flags are published when they say something, or beside their priority', () => {
  expect(publishedTags({ nofailover: false, nosync: false, clonefrom: true, zone: false })).toEqual({
    clonefrom: true,
    zone: false,
  });
  expect(publishedTags({ nofailover: false, failover_priority: 2, nosync: false, sync_priority: 1 })).toEqual({
    nofailover: false,
    failover_priority: 2,
    nosync: false,
    sync_priority: 1,
  });
});

test('CONF-31: a switched-off nosync is published beside its priority, clonefrom is not, other tags are as they are', () => {
  expect(publishedTags({ clonefrom: false, nosync: false, sync_priority: 0, foo: 'bar' })).toEqual({
    nosync: false,
    sync_priority: 0,
    foo: 'bar',
  });
});
