import { type Revision, revision } from '../../domain/names.ts';
import { between, type Millis, millis } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StoreWatch, StoreWatchListener } from '../../ports/store.ts';
import { prefixRange } from './pairs.ts';
import { afterEvents, areOtherClusters, type Picture, pictureOf, showSameWrites, sortedPairs } from './picture.ts';
import { methods } from './rpc-methods.ts';
import type { EtcdSession } from './session.ts';
import { followWatchStream, type Probe } from './watch-stream.ts';

/** A stream that lived this long is followed by the next one at once; else the pause doubles, up to its maximum. */
const LIVED_WELL = millis(5000);
const PAUSE_MIN = millis(50);
const PAUSE_MAX = millis(1000);

export type WatchOptions = {
  readonly session: EtcdSession;
  readonly clock: Clock;
  readonly prefix: string;
  readonly listener: StoreWatchListener;
  /** How long a linearizable read may take. */
  readonly readLimit: Millis;
  readonly probe: Probe;
};

/**
 * Follows a prefix: reads it, delivers the picture, hears of every change from the next revision on; and again, when the
 * stream breaks or hangs. Because each start is a linearizable read, a picture is never older than the silence before it.
 */
export class EtcdWatch implements StoreWatch {
  readonly #options: WatchOptions;
  readonly #closed = new AbortController();
  readonly #finished: Promise<void>;
  /** Ends the present stream. */
  #stream = new AbortController();
  #picture: Picture | null = null;
  #rereads: 'none' | 'one under way' | 'another wanted' = 'none';
  #silence: string | null = null;
  /** How many streams have ended, or could not begin. */
  #ends = 0;

  /** The newest revision that a write of ours has shown to exist, and that the stream owes us. */
  #owed: Revision = revision(0n);
  #owedTimer: NodeJS.Timeout | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#finished = this.#follow();
  }

  reread(): void {
    if (this.#rereads !== 'none') {
      // The read under way may have been answered before whatever made the caller ask.
      this.#rereads = 'another wanted';
      return;
    }
    void this.#reread();
  }

  /** A write of ours was applied at `written`: a stream that does not show it soon has lost something. */
  owes(written: Revision): void {
    if (written > this.#owed) this.#owed = written;
    this.#owedTimer ??= setTimeout(() => {
      this.#owedTimer = null;
      if (this.#picture !== null && this.#picture.revision < this.#owed) void this.#verify();
    }, this.#options.probe.limit);
  }

  close(): void {
    this.#closed.abort('the watch was closed');
    clearTimeout(this.#owedTimer ?? undefined);
  }

  /** Ends when nothing of the watch runs any more. */
  async closed(): Promise<void> {
    this.close();
    await this.#finished;
  }

  async #follow(): Promise<void> {
    const { clock } = this.#options;
    let pause = millis(0);
    while (!this.#isClosed()) {
      const begun = clock.now();
      const reason = await this.#readAndStream();
      if (this.#isClosed()) return;
      this.#ends += 1;
      this.#silent(reason);
      pause = nextPause(pause, between(begun, clock.now()));
      await sleep(pause, this.#closed.signal);
    }
  }

  /** @returns why it ended. */
  async #readAndStream(): Promise<string> {
    const { session, prefix, probe } = this.#options;
    const picture = await this.#read();
    if (typeof picture === 'string') return picture;
    if (this.#isClosed()) return 'the watch was closed';
    this.#show(picture);
    this.#stream = new AbortController();
    return followWatchStream({
      session,
      prefix,
      probe,
      since: picture,
      behind: () => this.reread(),
      events: (events) => {
        if (this.#picture === null) return;
        for (const next of afterEvents(this.#picture, events, prefix)) this.#deliver(next, { gapless: true });
      },
      signal: AbortSignal.any([this.#closed.signal, this.#stream.signal]),
    });
  }

  async #reread(): Promise<void> {
    do {
      this.#rereads = 'one under way';
      const stream = this.#stream;
      const ends = this.#ends;
      const picture = await this.#read();
      if (this.#isClosed()) return;
      if (typeof picture === 'string') stream.abort(picture);
      else if (this.#isOfThisStream(ends)) this.#show(picture);
    } while (this.#wantsAnother());
    this.#rereads = 'none';
  }

  /**
   * What was read before the stream ended may lack what was shown and answered until then: shown after the silence, it
   * would be taken for a store that was restored. Whoever follows reads anew.
   */
  #isOfThisStream(ends: number): boolean {
    return this.#ends === ends;
  }

  #isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  #wantsAnother(): boolean {
    return this.#rereads === 'another wanted';
  }

  /** The stream is behind a write of ours: nothing to worry about only if the store shows what the stream has shown. */
  async #verify(): Promise<void> {
    const stream = this.#stream;
    const ends = this.#ends;
    const picture = await this.#read();
    if (this.#isClosed() || this.#picture === null) return;
    if (typeof picture === 'string') {
      // Nobody could tell. What is owed stays owed, and is looked into again.
      this.owes(this.#owed);
      return;
    }
    if (!this.#isOfThisStream(ends)) return;
    const missed = picture.revision > this.#picture.revision && !showSameWrites(picture, this.#picture);
    this.#show(picture);
    if (!missed) return;
    const reason = 'the watch missed a change';
    this.#options.session.switchEndpoint(reason);
    stream.abort(reason);
  }

  /** A picture that was read. The stream may have overtaken the read: then it has shown more already. */
  #show(read: Picture): void {
    const known = this.#picture;
    const sameHistory = known !== null && this.#silence === null;
    if (sameHistory && read.revision < known.revision) {
      this.#deliver(known, { gapless: true });
      return;
    }
    // The revision alone does not tell: a store that was restored from a backup counts some of them a second time.
    this.#deliver(read, { gapless: known?.revision === read.revision && showSameWrites(read, known) });
  }

  #deliver(picture: Picture, { gapless }: { readonly gapless: boolean }): void {
    if (this.#isClosed()) return;
    this.#picture = picture;
    this.#silence = null;
    this.#options.listener.picture({ revision: picture.revision, pairs: sortedPairs(picture), gapless });
  }

  /** Said once for each reason, until the next picture. */
  #silent(reason: string): void {
    if (reason === this.#silence) return;
    this.#silence = reason;
    this.#options.listener.silent(reason);
  }

  async #read(): Promise<Picture | string> {
    const { session, prefix, readLimit } = this.#options;
    const before = this.#picture;
    const outcome = await session.call(methods.range, prefixRange(prefix), readLimit);
    if (outcome.kind !== 'answered') return outcome.reason;
    const read = pictureOf(outcome.response, prefix);
    if (!this.#isClosed() && this.#isOfAnotherPast(read, before)) this.#beginAnew();
    return read;
  }

  /** A linearizable read shows all that was shown before it began, unless the store was restored from a backup since. */
  #isOfAnotherPast(read: Picture, before: Picture | null): boolean {
    const isOther = this.#picture !== null && areOtherClusters(this.#picture.clusterId, read.clusterId);
    return isOther || (before !== null && read.revision < before.revision);
  }

  /** Nothing that was shown so far tells anything of what the store is now. */
  #beginAnew(): void {
    const reason = 'the store is another one, or was restored from a backup';
    if (this.#silence === null) this.#silent(reason);
    this.#picture = null;
    this.#owed = revision(0n);
    this.#stream.abort(reason);
  }
}

function nextPause(last: Millis, lived: Millis): Millis {
  if (lived >= LIVED_WELL) return millis(0);
  return millis(Math.min(PAUSE_MAX, Math.max(PAUSE_MIN, last * 2)));
}

/** Ends early, without complaint, when the signal comes. */
async function sleep(span: Millis, signal: AbortSignal): Promise<void> {
  if (signal.aborted || span === 0) return;
  // Half of it by chance, so that the agents of a large fleet do not come back in one wave.
  const chosen = span * (0.5 + Math.random() / 2);
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, chosen);
    signal.addEventListener('abort', wake, { once: true });
  });
}
