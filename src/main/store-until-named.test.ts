import { expect, test } from 'vitest';
import { revision, storeKey } from '../domain/names.ts';
import type { StoreWrite } from '../domain/store-write.ts';
import { millis } from '../domain/time.ts';
import type { Store } from '../ports/store.ts';
import { storeUntilNamed } from './store-until-named.ts';

/** A store that answers everything, and what was asked of it. */
function answering(): { readonly store: Store; readonly asked: string[] } {
  const asked: string[] = [];
  const unused = (): never => {
    throw new Error('nobody asks this here');
  };
  const store: Store = {
    grantLease: unused,
    keepAlive: unused,
    read: unused,
    switchEndpoint: unused,
    close: unused,
    watch: () => {
      asked.push('watch');
      return { reread: () => void asked.push('reread'), close: () => void asked.push('close') };
    },
    write: () => {
      asked.push('write');
      return Promise.resolve({ kind: 'written', revision: revision(1n) });
    },
  };
  return { store, asked };
}

const write: StoreWrite = { key: storeKey('leader'), action: { kind: 'delete' }, when: [] };

test('the store is silent for an agent whose name may be taken, and hears nothing of it', async () => {
  const { store, asked } = answering();
  const unnamed = storeUntilNamed(store);
  const heard: string[] = [];
  const watch = unnamed.store.watch({ picture: () => heard.push('picture'), silent: () => heard.push('silent') });
  watch.reread();
  expect(await unnamed.store.write(write, millis(1))).toMatchObject({ kind: 'no-answer' });
  expect({ heard, asked }).toEqual({ heard: ['silent'], asked: [] });

  unnamed.named();
  watch.reread();
  expect(await unnamed.store.write(write, millis(1))).toMatchObject({ kind: 'written' });
  watch.close();
  expect(asked).toEqual(['watch', 'reread', 'write', 'close']);
});

test('what was closed before is not opened any more', () => {
  const { store, asked } = answering();
  const unnamed = storeUntilNamed(store);
  unnamed.store.watch({ picture: () => undefined, silent: () => undefined }).close();
  unnamed.named();
  expect(asked).toEqual([]);
});
