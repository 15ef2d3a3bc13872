import { expect, test } from 'vitest';
import { clusterView } from '../../../test/support/node-snapshot.ts';
import type { Json } from '../../domain/json.ts';
import { handoverProgress } from './progress.ts';

const progress = (keys: Readonly<Record<string, Json>>, to: string | null = 'n2') =>
  handoverProgress(clusterView(keys), { from: 'n1', to });
const request = { failover: { leader: 'n1', member: 'n2' } };

test.each([
  ['the leader was asked', request, 'n1 leads (running) and was asked to hand over; waiting for it to stop'],
  [
    'it stops',
    { ...request, 'members/n1': { state: 'stopping' } },
    'n1 leads (stopping) and was asked to hand over; waiting for it to stop',
  ],
  ['the lock is free', { ...request, leader: null }, 'nobody leads; waiting for n2 to take the lock'],
  ['it is taken', { leader: 'n2' }, 'n2 has the lock; waiting for its PostgreSQL to be promoted'],
])('%s', (_case, keys, says) => {
  expect(progress(keys)).toEqual({ kind: 'waiting', says });
});

test('it is over when a primary says that it is one, whoever it is', () => {
  expect(progress({ leader: 'n3', 'members/n3': { role: 'primary' } })).toEqual({ kind: 'done', leader: 'n3' });
});

test('with nobody named, anybody will do', () => {
  expect(progress({ leader: null }, null)).toMatchObject({
    says: 'nobody leads; waiting for another member to take the lock',
  });
});
