import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentConfig } from '../domain/agent-config.ts';
import { memberOf } from '../domain/cluster-view.ts';
import { seconds } from '../domain/time.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';
import { readClusterView } from '../wire/dcs/cluster-view.ts';

const READ_LIMIT = seconds(3);
const READ_AGAIN = seconds(1);
/** Patroni gives a namesake three seconds to answer. */
const NAMESAKE_LIMIT_MS = 3_000;

export type OwnName = { readonly kind: 'free' } | { readonly kind: 'taken'; readonly apiUrl: string };

/**
 * Two agents under one name would both believe that they own the lock (spec/dcs.md T-25): wait for the store, then see
 * whether a member of this name answers. A store that is silent, or refuses, is reported once, and once more when it is
 * back.
 */
export async function waitForOwnName(parts: {
  readonly config: AgentConfig;
  readonly store: Store;
  readonly log: Log;
  /** The store did not answer, or refused; told once. */
  readonly onSilence: () => void;
}): Promise<OwnName> {
  const { config, store, log, onSilence } = parts;
  const { endpoints, srv } = config.store;
  const where = [...(srv === undefined ? [] : [srv.domain]), ...endpoints].join(',');
  let reported: keyof typeof remedies | null = null;
  for (;;) {
    const outcome = await store.read('everything', READ_LIMIT);
    if (outcome.kind === 'read') {
      if (reported !== null) log.write('info', 'store-answers', { store: where });
      const namesake = memberOf(readClusterView(outcome.pairs, outcome.revision), config.name);
      const apiUrl = namesake?.apiUrl ?? null;
      return apiUrl !== null && (await answers(apiUrl)) ? { kind: 'taken', apiUrl } : { kind: 'free' };
    }
    const { kind, reason } = outcome;
    if (reported === null) onSilence();
    if (reported !== kind) log.write('warn', 'store-does-not-answer', { store: where, reason, ...remedies[kind] });
    reported = kind;
    await sleep(READ_AGAIN);
  }
}

/** What the agent does about it, and what a person may. */
const remedies = {
  'no-answer': {
    then: 'waiting for it',
    check: 'does etcd run there, are hosts, protocol and certificates of etcd3 right, is the network open?',
  },
  refused: { then: 'trying again', check: 'etcd3.username, etcd3.password, and what that user may do' },
} as const;

const nobodyThere: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Whatever it says: somebody is there. Nobody is where no address is (one of another version, or written by hand). */
async function answers(apiUrl: string): Promise<boolean> {
  const url = URL.canParse(apiUrl) ? new URL('/liveness', apiUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  const get = url.protocol === 'https:' ? https.get : http.get;
  return new Promise((resolve) => {
    const request = get(url, { timeout: NAMESAKE_LIMIT_MS, rejectUnauthorized: false }, (response) => {
      response.destroy();
      resolve(true);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => {
      // Whoever breaks off a handshake is there, too.
      resolve('code' in error && typeof error.code === 'string' && !nobodyThere.has(error.code));
    });
  });
}
