import { invariant } from '../../domain/invariant.ts';
import { storeKey, systemId } from '../../domain/names.ts';
import { noSlotChange } from '../../domain/slot-change.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { PostgresModel } from '../postgres/postgres-model.ts';
import type { StoreModel } from '../store/store-model.ts';
import type { Fact } from './facts.ts';
import type { Network, Place } from './network.ts';
import { REMOTE, REMOTE_SLOT, saysStandbyCluster } from './remote-place.ts';
import type { Settings } from './settings.ts';

/**
 * The primary of another cluster: a PostgreSQL without an agent that writes, can end and come back, and can go on on
 * another timeline. What it does concerns none of this cluster's promises: checkers hear only that it was founded.
 */
export class RemotePrimary {
  readonly #options: RemoteOptions;
  #server: PostgresModel | null = null;

  constructor(options: RemoteOptions) {
    this.#options = options;
  }

  /** `null`: nobody is there. */
  serverAt(place: Place): PostgresModel | null {
    return place === REMOTE ? this.#server : null;
  }

  /** A new cluster begins there. */
  begin(): void {
    const { kernel, network, settings, servers, emit } = this.#options;
    const id = systemId('7399999999999999999');
    invariant(id !== null, 'a system identifier is decimal digits');
    const server = new PostgresModel({
      kernel,
      network,
      settings: { ...settings, walKeepBytes: Math.max(settings.walKeepBytes, KEPT_BYTES) },
      host: REMOTE,
      emit: (fact) => {
        if (fact.kind === 'cluster-created') emit(fact);
      },
      resolve: () => null,
      others: servers,
    });
    server.createCluster(id);
    server.finishCluster();
    if (settings.remoteSlot) server.slots.change({ ...noSlotChange, create: [REMOTE_SLOT] });
    this.#server = server;
    this.start();
  }

  /** It ends without a word. */
  dies(): void {
    this.#server?.killEverything();
  }

  /** It comes back as it was. */
  start(): void {
    this.#server?.start(asPrimary);
  }

  /** A standby of that cluster takes its place, at the same address: it had everything, and is on the next timeline. */
  failsOver(): void {
    const server = this.#server;
    if (server === null) return;
    server.killEverything();
    server.recoverInSingleUser();
    server.start({ ...asPrimary, standby: { upstream: null, slot: null, recovery: {} } });
    const { kernel } = this.#options;
    const promote = (): void => {
      if (server.server.kind === 'standby') server.promote();
      else if (server.server.kind === 'starting') kernel.after(PROMOTION_POLL_MS, null, 'remote promotion', promote);
    };
    promote();
  }
}

type RemoteOptions = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly settings: Settings;
  readonly emit: (fact: Fact) => void;
  /** Of the cluster that may follow it. */
  readonly servers: () => readonly PostgresModel[];
};

/** Whoever is followed without a slot has to keep WAL: a standby cluster's members begin anew often enough all the same. */
const KEPT_BYTES = 128 * 1024 * 1024;
const asPrimary = { parameters: {}, hba: null, ident: null, standby: null };
const PROMOTION_POLL_MS = 100;

/** Does the store say at this moment that the cluster follows another one? */
export function followsRemote({ store }: { readonly store: StoreModel }): boolean {
  return saysStandbyCluster(store.keys.get(storeKey('config'))?.value ?? null);
}
