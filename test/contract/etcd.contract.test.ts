import { afterAll, beforeAll } from 'vitest';
import { Etcd } from '../support/etcd.ts';
import { etcdWorld } from './etcd-world.ts';
import { storeContract } from './store.suite.ts';

let etcd: Etcd;
beforeAll(async () => {
  etcd = await Etcd.start({ members: 1 });
});
afterAll(async () => {
  await etcd.stop();
});

storeContract('etcd', () => etcdWorld(etcd));
