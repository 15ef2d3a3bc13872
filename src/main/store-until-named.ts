import type { Store, StoreWatchListener } from '../ports/store.ts';

/**
 * The store as an agent sees it that does not know yet whether its name is its own: silent. So it adopts nothing that
 * bears that name, and writes nothing, and all the same stops a PostgreSQL that must not go on without a proven lock.
 */
export function storeUntilNamed(store: Store): { readonly store: Store; named(): void } {
  let isNamed = false;
  let open: (() => void) | null = null;

  function watch(listener: StoreWatchListener): ReturnType<Store['watch']> {
    if (isNamed) return store.watch(listener);
    let inner: ReturnType<Store['watch']> | null = null;
    open = () => {
      inner = store.watch(listener);
    };
    listener.silent(NOT_KNOWN);
    return {
      reread: () => inner?.reread(),
      close: () => {
        open = null;
        inner?.close();
      },
    };
  }

  return {
    store: {
      ...store,
      watch,
      write: (write, limit) =>
        isNamed ? store.write(write, limit) : Promise.resolve({ kind: 'no-answer', reason: NOT_KNOWN }),
    },
    named: () => {
      isNamed = true;
      open?.();
      open = null;
    },
  };
}

const NOT_KNOWN = 'it did not answer when it was asked who bears this name';
