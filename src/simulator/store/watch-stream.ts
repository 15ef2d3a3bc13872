import type { Revision } from '../../domain/names.ts';
import type { StoredPair } from '../../ports/store.ts';
import type { StoreMember } from './leadership.ts';
import type { ClientSetup, StoreLine } from './store-line.ts';
import type { StoreWatchEnd } from './store-model.ts';

/** All pairs at one revision of one store: a restored one is another. */
export type Change = {
  readonly incarnation: number;
  readonly revision: Revision;
  readonly pairs: readonly StoredPair[];
};

/**
 * One watch stream over one line, from opening to its end: every change after `from`, in order, each a little late. It
 * survives a short cut, since what was sent is sent again; it ends when the line does, when the member knows no leader
 * for long, when what comes next was compacted away, and when a probe gets no answer. The twin of the adapter's
 * `followWatchStream`; probes are no events, only their consequences are.
 */
export class WatchStream implements StoreWatchEnd {
  readonly #setup: ClientSetup;
  readonly #line: StoreLine;
  readonly #incarnation: number;
  readonly #limit: number;
  readonly #listener: WatchStreamListener;
  readonly #actorLife: number;
  readonly #forget: () => void;
  #state: 'opening' | 'open' | 'over' = 'opening';
  /** Sent, perhaps still under way. */
  #sent: Revision;
  #lastArrival = 0;
  /** The client has last heard something then, as far as it was worth an event. */
  #heardAt: number;
  #hangCheck: 'none' | 'scheduled' = 'none';
  #leaderCheck: 'none' | 'scheduled' = 'none';

  constructor(options: {
    readonly setup: ClientSetup;
    readonly line: StoreLine;
    readonly from: Change;
    /** How long a probe may take, in ms. */
    readonly limit: number;
    readonly listener: WatchStreamListener;
  }) {
    const { setup, line } = options;
    this.#setup = setup;
    this.#line = line;
    this.#incarnation = options.from.incarnation;
    this.#limit = options.limit;
    this.#listener = options.listener;
    this.#sent = options.from.revision;
    this.#actorLife = setup.actor.life;
    this.#heardAt = setup.kernel.now - PROBE_EVERY_MS;
    this.#forget = line.carryStream((reason) => this.#end(reason));
    setup.store.serve(this);
    setup.kernel.after(setup.store.latency(), null, 'watch opens', () => this.changed());
  }

  isOver(): boolean {
    return this.#state === 'over' || this.#setup.actor.life !== this.#actorLife;
  }

  /** It is not wanted any more. */
  cancel(): void {
    this.#state = 'over';
    this.#forget();
  }

  /** A change was committed, or who reaches whom is different. */
  changed(): void {
    if (this.isOver()) return;
    const { store, network, place } = this.#setup;
    const { member } = this.#line;
    const speaks = this.#memberSpeaks(member);
    const isConnected = speaks && network.connects(place, member.place);
    if (isConnected && this.#state === 'opening') this.#open();
    if (!isConnected) this.#expectHang();
    if (this.isOver() || this.#state === 'opening') return;
    if (store.leadership.leaderlessFor(member) > 0) this.#expectNoLeader();
    else if (speaks && network.delivers(member.place, place)) this.#sendMissing();
  }

  #memberSpeaks(member: StoreMember): boolean {
    const { leadership, troubles } = this.#setup.store;
    return leadership.isUp(member) && !troubles.hangsWatches(member) && troubles.watchDelayMs < this.#limit;
  }

  #open(): void {
    const { store, kernel, actor } = this.#setup;
    if (store.incarnation !== this.#incarnation) {
      kernel.after(store.latency(), actor, 'watch is foreign', () => this.#end('another store answers'));
      return;
    }
    if (store.keys.since(this.#sent) === null) {
      this.#compacted();
      return;
    }
    this.#state = 'open';
    this.#heardAt = kernel.now;
  }

  /** Also of a stream that was open and could not be told of it in time. */
  #compacted(): void {
    const { store, kernel, actor } = this.#setup;
    kernel.after(store.latency(), actor, 'watch is compacted', () => this.#end('what comes next was compacted away'));
  }

  /** Everything after what was sent, one revision after the other. */
  #sendMissing(): void {
    const { keys } = this.#setup.store;
    const missing = keys.since(this.#sent);
    if (missing === null) this.#compacted();
    for (const revision of missing ?? []) {
      const pairs = keys.at(revision);
      if (pairs !== null) this.#send({ incarnation: this.#incarnation, revision, pairs });
    }
  }

  #send(change: Change): void {
    const { kernel, store, actor } = this.#setup;
    const late = store.latency() + store.troubles.watchDelayMs;
    this.#lastArrival = Math.max(this.#lastArrival, kernel.now + late);
    this.#sent = change.revision;
    kernel.at(this.#lastArrival, actor, 'store change', () => {
      if (this.isOver()) return;
      this.#heardAt = kernel.now;
      this.#listener.change(change);
    });
  }

  /** No probe is answered now. If that stays so until the next one's limit, the stream hangs. */
  #expectHang(): void {
    if (this.#hangCheck === 'scheduled') return;
    this.#hangCheck = 'scheduled';
    const { kernel, network, place, actor } = this.#setup;
    // Until now each probe was answered.
    const probes = this.#state === 'open' ? Math.floor((kernel.now - this.#heardAt) / PROBE_EVERY_MS) : 0;
    this.#heardAt += Math.max(0, probes) * PROBE_EVERY_MS;
    const check = (): void => {
      if (this.isOver()) return;
      const { member } = this.#line;
      const isConnected = this.#memberSpeaks(member) && network.connects(place, member.place);
      const hangsAt = this.#heardAt + PROBE_EVERY_MS + this.#limit;
      if (isConnected) {
        this.#hangCheck = 'none';
        this.#heardAt = kernel.now;
      } else if (kernel.now < hangsAt) {
        kernel.at(hangsAt, actor, 'watch probe', check);
      } else this.#hangs();
    };
    kernel.at(this.#heardAt + PROBE_EVERY_MS + this.#limit, actor, 'watch probe', check);
  }

  #hangs(): void {
    const reason = 'the watch said nothing when asked';
    this.cancel();
    this.#listener.hangs(this.#line, reason);
    this.#listener.ended(reason);
  }

  /** A member without a leader ends its streams after three more election timeouts, as etcd does. */
  #expectNoLeader(): void {
    if (this.#leaderCheck === 'scheduled') return;
    this.#leaderCheck = 'scheduled';
    const { kernel, store, network, place, actor } = this.#setup;
    const { member } = this.#line;
    const patience = LEADERLESS_ELECTIONS * store.leadership.electionTimeoutMs;
    kernel.after(patience - store.leadership.leaderlessFor(member), null, 'watch without a leader', () => {
      this.#leaderCheck = 'none';
      const { leadership } = store;
      const leaderlessFor = leadership.leaderlessFor(member);
      if (this.isOver() || leaderlessFor === 0 || !leadership.isUp(member) || leadership.believesToLead(member)) return;
      if (leaderlessFor < patience - 1) this.#expectNoLeader();
      else if (network.delivers(member.place, place)) {
        kernel.after(store.latency(), actor, 'watch ends', () => this.#end('the member knows no leader'));
      }
    });
  }

  #end(reason: string): void {
    if (this.isOver()) return;
    this.cancel();
    this.#listener.ended(reason);
  }
}

export type WatchStreamListener = {
  readonly change: (change: Change) => void;
  /** The line is not to be trusted any more; `ended` follows. */
  readonly hangs: (line: StoreLine, reason: string) => void;
  readonly ended: (reason: string) => void;
};

/** How often the adapter asks a silent stream whether it lives. */
const PROBE_EVERY_MS = 2000;
const LEADERLESS_ELECTIONS = 4;
