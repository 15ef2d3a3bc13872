import type { Revision } from '../../domain/names.ts';
import { revision } from '../../domain/names.ts';
import type { Millis } from '../../domain/time.ts';
import type { StoredPair } from '../../ports/store.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Network } from '../world/network.ts';
import { drawSpan, type Settings } from '../world/settings.ts';
import type { StoreConnection } from './store-connection.ts';
import type { StoreModel } from './store-model.ts';

export type Picture = {
  readonly revision: Revision;
  readonly pairs: readonly StoredPair[];
  /** No change since the last picture can have been missed. */
  readonly gapless: boolean;
};

/**
 * One process's watch: a picture per revision, in order, each a little late. It breaks when its path does, which is
 * noticed late, and is resumed on the next endpoint that answers; what was missed comes then, unless it was compacted.
 */
export class StoreWatch {
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #settings: Settings;
  readonly #store: StoreModel;
  readonly #connection: StoreConnection;
  readonly #actor: Actor;
  readonly #listener: StoreWatchListener;
  readonly #life: number;
  /** `broken`: nothing arrives, and perhaps nobody has noticed yet. */
  #state: 'live' | 'broken' = 'broken';
  #known: Revision = revision(0n);
  /** Sent, perhaps still under way. */
  #sent: Revision = revision(0n);
  #lastArrival = 0;
  /** Ends deliveries of a stream that broke since. */
  #stream = 0;

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly settings: Settings;
    readonly store: StoreModel;
    readonly connection: StoreConnection;
    readonly actor: Actor;
    readonly listener: StoreWatchListener;
  }) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#settings = options.settings;
    this.#store = options.store;
    this.#connection = options.connection;
    this.#actor = options.actor;
    this.#listener = options.listener;
    this.#life = options.actor.life;
    this.#end = this.#store.onChange(() => this.#push());
    this.#network.onChange({ after: () => this.#check() });
    this.#store.leadership.onStop((member) => {
      if (member === this.#connection.endpoint) this.#check();
    });
    this.#resume();
  }

  readonly #end: () => void;

  close(): void {
    this.#end();
    this.#stream += 1;
    this.#state = 'broken';
  }

  /** Read everything linearizably, deliver it as a picture, and go on from there. */
  reread(limit: Millis): void {
    this.#connection.read('everything', limit, (outcome) => {
      if (outcome.kind !== 'read') {
        this.#listener.silent(outcome.reason);
        if (this.#state === 'live') this.#rebuild();
        return;
      }
      if (outcome.revision < this.#known) return;
      const gapless = outcome.revision === this.#known;
      this.#known = outcome.revision;
      this.#listener.picture({ revision: outcome.revision, pairs: outcome.pairs, gapless });
    });
  }

  #push(): void {
    if (!this.#alive()) return;
    if (this.#state === 'live' && !this.#pathIsOpen()) this.#break('a change did not arrive');
    if (this.#state === 'live') this.#sendMissing();
  }

  #check(): void {
    if (this.#alive() && this.#state === 'live' && !this.#pathIsOpen()) this.#break('the path broke');
  }

  /** Everything after what was sent, one revision after the other. */
  #sendMissing(): void {
    const missing = this.#store.keys.since(this.#sent);
    if (missing === null) this.#send(this.#store.keys.revision, false);
    else for (const each of missing) this.#send(each, true);
  }

  #send(wanted: Revision, gapless: boolean): void {
    const stream = this.#stream;
    const latency = drawSpan(this.#kernel.random('watch latency'), this.#settings.network);
    this.#lastArrival = Math.max(this.#lastArrival, this.#kernel.now + latency);
    this.#sent = wanted;
    this.#kernel.at(this.#lastArrival, this.#actor, 'store change', () => {
      if (stream !== this.#stream || wanted < this.#known) return;
      const pairs = this.#store.keys.at(wanted);
      if (pairs === null) return;
      this.#known = wanted;
      this.#listener.picture({ revision: wanted, pairs, gapless });
    });
  }

  /** What was asked for did not come: nothing of this stream is trusted any more. */
  #rebuild(): void {
    this.#state = 'broken';
    this.#stream += 1;
    this.#resume();
  }

  #break(reason: string): void {
    this.#state = 'broken';
    this.#stream += 1;
    const noticed = this.#kernel.random('watch notices').between(100, 3000);
    this.#kernel.after(noticed, this.#actor, 'watch is silent', () => {
      this.#listener.silent(reason);
      this.#resume();
    });
  }

  #resume(): void {
    if (!this.#alive()) return;
    const roundTrip = 2 * drawSpan(this.#kernel.random('watch latency'), this.#settings.network);
    this.#kernel.after(roundTrip, this.#actor, 'watch resumes', () => {
      if (!this.#pathIsOpen()) {
        this.#connection.switchEndpoint();
        const pause = this.#kernel.random('watch notices').between(300, 600);
        this.#kernel.after(pause, this.#actor, 'watch retries', () => this.#resume());
        return;
      }
      this.#state = 'live';
      this.#stream += 1;
      this.#sent = this.#known;
      const first = this.#known === 0n;
      if (first || this.#known === this.#store.keys.revision) this.#send(this.#store.keys.revision, !first);
      else this.#sendMissing();
    });
  }

  #pathIsOpen(): boolean {
    const { endpoint, place } = this.#connection;
    return this.#store.leadership.reachesLeader(endpoint) && this.#network.connects(endpoint.place, place);
  }

  #alive(): boolean {
    return this.#actor.life === this.#life && this.#actor.state !== 'dead';
  }
}

export type StoreWatchListener = {
  readonly picture: (picture: Picture) => void;
  readonly silent: (reason: string) => void;
};
