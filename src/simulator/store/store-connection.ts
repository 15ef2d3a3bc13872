import type { LeaseId, Revision, StoreKey } from '../../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../../domain/store-write.ts';
import type { Millis } from '../../domain/time.ts';
import type { GrantOutcome, KeepAliveOutcome } from '../../ports/heartbeat.ts';
import type { ReadOutcome } from '../../ports/store.ts';
import type { StoreMember } from './leadership.ts';
import type { ClientSetup, StoreLine } from './store-line.ts';
import { StoreLines } from './store-lines.ts';
import type { AnswerHeader } from './store-model.ts';

/**
 * One process's connection to the store: each call is sent once and ends within its limit, as an answer or as
 * `no-answer`; when no answer came, later calls go to another member. The simulated twin of the `Store` port, with
 * callbacks in place of promises.
 */
export class StoreConnection {
  readonly lines: StoreLines;
  readonly #setup: ClientSetup;
  readonly #onWritten = new Set<(revision: Revision) => void>();
  #newest: AnswerHeader = { incarnation: 0, term: 0n };

  constructor(options: ClientSetup & { readonly firstEndpoint: number }) {
    this.#setup = options;
    this.lines = new StoreLines(options, options);
  }

  /** The member that is connected, if any. */
  get endpoint(): StoreMember | null {
    return this.lines.member;
  }

  /** The store that answered last. */
  get incarnation(): number {
    return this.#newest.incarnation;
  }

  switchEndpoint(reason = 'asked to'): void {
    this.lines.leaveCurrent(reason);
  }

  /** A watch beside this connection hears of each write that was answered. @returns what ends it. */
  onWritten(listener: (revision: Revision) => void): () => void {
    this.#onWritten.add(listener);
    return () => this.#onWritten.delete(listener);
  }

  grantLease(ttl: Millis, limit: Millis, done: (outcome: GrantOutcome) => void): void {
    const by = this.#sender();
    this.#call<GrantOutcome>({
      limit,
      done,
      commit: () => this.#setup.store.state.grant(ttl, by),
      withoutSpace: () => ({ kind: 'refused', reason: NO_SPACE }),
    });
  }

  keepAlive(lease: LeaseId, limit: Millis, done: (outcome: KeepAliveOutcome) => void): void {
    const { store, kernel } = this.#setup;
    const by = this.#sender();
    this.#call<KeepAliveOutcome>({
      limit,
      done,
      isStream: true,
      commit: (term) => store.state.keepAlive(lease, by, { now: kernel.now, term }),
      mustWait: () => store.state.leases.isExpired(lease, kernel.now),
      asDeposed: (term) => store.deposed.keepAlive(lease, by, { now: kernel.now, term }),
    });
  }

  write(write: StoreWrite, limit: Millis, done: (outcome: WriteOutcome) => void): void {
    const { store } = this.#setup;
    const answered = (outcome: WriteOutcome): void => {
      if (outcome.kind === 'written') for (const listener of [...this.#onWritten]) listener(outcome.revision);
      const isPerhapsDone = outcome.kind === 'refused' && outcome.reason === NO_SPACE;
      done(isPerhapsDone ? { kind: 'no-answer', reason: outcome.reason } : outcome);
    };
    const by = this.#sender();
    this.#call<WriteOutcome>({
      limit,
      done: answered,
      commit: () => store.state.write(write, by),
      ...(write.action.kind === 'put' && { withoutSpace: () => ({ kind: 'refused', reason: NO_SPACE }) }),
    });
  }

  /** Linearizable. */
  read(key: StoreKey | 'everything', limit: Millis, done: (outcome: ReadOutcome) => void): void {
    this.#call<ReadOutcome>({ limit, done, commit: (term) => this.#setup.store.state.read(key, term) });
  }

  #sender(): { readonly place: string; readonly sentAt: number } {
    return { place: this.#setup.place, sentAt: this.#setup.kernel.now };
  }

  #call<Answer>(call: Call<Answer>): void {
    const { kernel, actor } = this.#setup;
    const { life } = actor;
    const sent: Sent = { line: null, forget: nothing };
    let isOpen = true;
    const finish = (answer: Answer | NoAnswer | Refused): void => {
      if (!isOpen) return;
      isOpen = false;
      kernel.callOff(limit);
      sent.forget();
      call.done(answer);
    };
    const fails = (reason: string): void => {
      if (!isOpen) return;
      const { line } = sent;
      finish({ kind: 'no-answer', reason });
      if (line !== null) this.lines.leave(line, reason);
    };
    const limit = kernel.after(call.limit, actor, 'store limit', () => {
      fails(sent.line === null ? 'no connection in time' : 'no answer in time');
    });
    this.lines.current((line) => {
      if (!isOpen) return;
      if (line === null) {
        fails('no member could be reached');
        return;
      }
      sent.line = line;
      sent.forget = call.isStream === true ? line.carryStream(fails) : line.carryCall(fails);
      this.#submit(call, line, { life, finish, fails });
    });
  }

  #submit<Answer>(call: Call<Answer>, line: StoreLine, end: Ends<Answer>): void {
    const { actor, store, place } = this.#setup;
    const { member } = line;
    store.submit<Answer | NoAnswer | Refused>({
      from: place,
      endpoint: member,
      commit: () => call.commit(store.leadership.termOf(member)),
      mustWait: call.mustWait,
      asDeposed: call.asDeposed,
      withoutSpace: call.withoutSpace,
      refuse: (reason) => ({ kind: 'refused', reason }),
      unreachable: (reason) => ({ kind: 'no-answer', reason }),
      reply: (answer, header) => {
        actor.receive(end.life, () => {
          if (isNoAnswer(answer)) end.fails(answer.reason);
          else if (this.#isStale(header)) end.fails('an answer of a term that is over: the member is stale');
          else end.finish(answer);
        });
      },
    });
  }

  /** A member that missed an election shows it by its term; a restored store begins anew (the adapter's `TermGuard`). */
  #isStale(header: AnswerHeader): boolean {
    const newest = this.#newest;
    if (header.incarnation === newest.incarnation && header.term < newest.term) return true;
    this.#newest = header;
    return false;
  }
}

function isNoAnswer(answer: unknown): answer is NoAnswer {
  return typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'no-answer';
}

function nothing(): void {
  // Nothing was sent yet.
}

type Call<Answer> = {
  readonly limit: Millis;
  readonly done: (answer: Answer | NoAnswer | Refused) => void;
  readonly commit: (term: bigint) => Answer;
  readonly mustWait?: () => boolean;
  readonly asDeposed?: (term: bigint) => Answer;
  readonly withoutSpace?: () => Answer;
  /** It ends with the line that it was sent over. */
  readonly isStream?: boolean;
};

type Sent = { line: StoreLine | null; forget: () => void };
type Ends<Answer> = {
  /** Of the process that asked; a later one hears nothing. */
  readonly life: number;
  readonly finish: (answer: Answer | Refused) => void;
  readonly fails: (reason: string) => void;
};

type NoAnswer = { readonly kind: 'no-answer'; readonly reason: string };
type Refused = { readonly kind: 'refused'; readonly reason: string };

const NO_SPACE = 'database space exceeded';
