import type { Revision } from '../../domain/names.ts';
import { revision } from '../../domain/names.ts';
import { millis } from '../../domain/time.ts';
import type { StoredPair } from '../../ports/store.ts';
import type { Settings } from '../world/settings.ts';
import type { StoreConnection } from './store-connection.ts';
import type { ClientSetup } from './store-line.ts';
import { type Change, WatchStream } from './watch-stream.ts';

export type Picture = {
  readonly revision: Revision;
  readonly pairs: readonly StoredPair[];
  /** No change since the last picture can have been missed. */
  readonly gapless: boolean;
};

export type StoreWatchListener = {
  readonly picture: (picture: Picture) => void;
  readonly silent: (reason: string) => void;
};

/**
 * One process's watch, the twin of the adapter's `EtcdWatch`: reads everything linearizably, delivers the picture, hears
 * of every change from the next revision on; and again from the beginning when the stream breaks or hangs, wherever
 * somebody answers. What happened between two streams is not heard of, so a picture is gapless then only if nothing did.
 */
export class StoreWatch {
  readonly #setup: ClientSetup;
  readonly #connection: StoreConnection;
  readonly #listener: StoreWatchListener;
  /** What a read, and a probe of the stream, may take. */
  readonly #patience: number;
  readonly #forgetWrites: () => void;
  #stream: WatchStream | null = null;
  #known: Change | null = null;
  #silence: string | null = null;
  #rereads: 'none' | 'one under way' | 'another wanted' = 'none';
  #owed: Revision = revision(0n);
  #owedCheck: 'none' | 'scheduled' = 'none';
  #begunAt = 0;
  #pause = 0;
  #isClosed = false;
  /** How many streams have ended, or could not begin. */
  #ends = 0;

  constructor(
    options: ClientSetup & {
      readonly settings: Settings;
      readonly connection: StoreConnection;
      readonly listener: StoreWatchListener;
    },
  ) {
    this.#setup = options;
    this.#connection = options.connection;
    this.#listener = options.listener;
    this.#patience = Math.min(PATIENCE_MAX_MS, Math.max(PATIENCE_MIN_MS, options.settings.retryTimeout * 500));
    this.#forgetWrites = options.connection.onWritten((written) => this.#owes(written));
    this.#begin();
  }

  close(): void {
    this.#isClosed = true;
    this.#stream?.cancel();
    this.#forgetWrites();
  }

  /** Read everything linearizably, deliver it as a picture, and go on from there. */
  reread(): void {
    // A read under way may have been answered before whatever made the caller ask.
    if (this.#rereads !== 'none') this.#rereads = 'another wanted';
    else this.#reread();
  }

  #reread(): void {
    this.#rereads = 'one under way';
    const stream = this.#stream;
    const ends = this.#ends;
    this.#read((read) => {
      // One from before the stream ended may lack what was shown until then: whoever follows reads anew.
      if (typeof read !== 'string') {
        if (ends === this.#ends || this.#known === null) this.#show(read);
      } else if (stream !== null && stream === this.#stream) this.#breakOff(read);
      const again = this.#rereads === 'another wanted';
      this.#rereads = 'none';
      if (again) this.#reread();
    });
  }

  /** A write was answered: a stream that does not show it soon has lost something. */
  #owes(written: Revision): void {
    if (written > this.#owed) this.#owed = written;
    if (this.#owedCheck === 'scheduled') return;
    this.#owedCheck = 'scheduled';
    this.#setup.kernel.after(this.#patience, this.#setup.actor, 'watch owes a write', () => {
      this.#owedCheck = 'none';
      if (this.#known !== null && this.#known.revision < this.#owed) this.#verify();
    });
  }

  #verify(): void {
    const stream = this.#stream;
    const ends = this.#ends;
    this.#read((read) => {
      const known = this.#known;
      if (known === null || (typeof read !== 'string' && ends !== this.#ends)) return;
      if (typeof read === 'string') {
        this.#owes(this.#owed);
        return;
      }
      const missed = read.revision > known.revision && !showSameWrites(read, known);
      this.#show(read);
      if (!missed) return;
      const reason = 'the watch missed a change';
      this.#connection.switchEndpoint(reason);
      if (stream !== null && stream === this.#stream) this.#breakOff(reason);
    });
  }

  #begin(): void {
    if (this.#isClosed) return;
    this.#begunAt = this.#setup.kernel.now;
    this.#read((read) => {
      if (typeof read === 'string') {
        this.#ended(read);
        return;
      }
      this.#show(read);
      this.#follow(read);
    });
  }

  #follow(from: Change): void {
    this.#connection.lines.current((line) => {
      if (this.#isClosed) return;
      if (line === null) {
        this.#ended('no member could be reached');
        return;
      }
      const stream: WatchStream = new WatchStream({
        setup: this.#setup,
        line,
        from,
        limit: this.#patience,
        listener: {
          change: (change) => {
            if (this.#known === null || change.revision > this.#known.revision) this.#deliver(change, true);
          },
          hangs: (hung, reason) => this.#connection.lines.leave(hung, reason),
          ended: (reason) => {
            if (this.#stream !== stream) return;
            this.#stream = null;
            this.#ended(reason);
          },
        },
      });
      this.#stream = stream;
    });
  }

  #breakOff(reason: string): void {
    this.#stream?.cancel();
    this.#stream = null;
    this.#ended(reason);
  }

  /** Once more from the beginning, after a pause that grows while nothing lives long. */
  #ended(reason: string): void {
    if (this.#isClosed) return;
    const { kernel, actor } = this.#setup;
    this.#ends += 1;
    this.#silent(reason);
    const lived = kernel.now - this.#begunAt;
    this.#pause = lived >= LIVED_WELL_MS ? 0 : Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, this.#pause * 2));
    const pause = this.#pause * kernel.random('watch pause').between(0.5, 1);
    kernel.after(pause, actor, 'watch begins anew', () => this.#begin());
  }

  /** A picture that was read. The stream may have overtaken the read: then it has shown more already. */
  #show(read: Change): void {
    const known = this.#known;
    if (known !== null && this.#silence === null && read.revision < known.revision) this.#deliver(known, true);
    else this.#deliver(read, known?.revision === read.revision && showSameWrites(read, known));
  }

  #deliver(change: Change, gapless: boolean): void {
    if (this.#isClosed) return;
    this.#known = change;
    this.#silence = null;
    const { revision, pairs } = change;
    this.#listener.picture({ revision, pairs, gapless });
  }

  /** Said once for each reason, until the next picture. */
  #silent(reason: string): void {
    if (reason === this.#silence) return;
    this.#silence = reason;
    this.#listener.silent(reason);
  }

  #read(done: (read: Change | string) => void): void {
    this.#connection.read('everything', millis(this.#patience), (outcome) => {
      if (this.#isClosed) return;
      if (outcome.kind !== 'read') {
        done(outcome.reason);
        return;
      }
      const { revision, pairs } = outcome;
      const { incarnation } = this.#connection;
      if (this.#known !== null && this.#known.incarnation !== incarnation) this.#beginAnew();
      done({ incarnation, revision, pairs });
    });
  }

  /** Nothing that was shown so far tells anything of what the store is now. */
  #beginAnew(): void {
    const reason = 'the store was restored from a backup';
    if (this.#silence === null) this.#silent(reason);
    this.#known = null;
    if (this.#stream !== null) this.#breakOff(reason);
  }
}

/** Values need no look: each write has its own revision. */
function showSameWrites(a: Change, b: Change): boolean {
  const revisions = new Map(b.pairs.map((pair) => [pair.key, pair.modRevision]));
  return a.pairs.length === b.pairs.length && a.pairs.every((pair) => revisions.get(pair.key) === pair.modRevision);
}

const PATIENCE_MIN_MS = 1000;
const PATIENCE_MAX_MS = 3000;
/** A stream that lived this long is followed by the next one at once; else the pause doubles, up to its maximum. */
const LIVED_WELL_MS = 5000;
const PAUSE_MIN_MS = 50;
const PAUSE_MAX_MS = 1000;
