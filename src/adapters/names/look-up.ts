import { lookup } from 'node:dns/promises';
import type { LookUp } from '../../ports/names.ts';

/** Whoever waits for a name waits no longer than this; the resolver itself may take much longer. */
const LIMIT_MS = 2_000;

/** As the machine itself resolves names: its hosts file too. */
export const lookUp: LookUp = (name) =>
  new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => {
      reject(new Error(`${name} was not found within ${LIMIT_MS} ms`));
    }, LIMIT_MS);
    lookup(name, { all: true })
      .finally(() => {
        clearTimeout(tooLate);
      })
      .then((found) => {
        resolve(found.map(({ address }) => address));
      }, reject);
  });
