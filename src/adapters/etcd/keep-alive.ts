import { invariant } from '../../domain/invariant.ts';
import type { LeaseId } from '../../domain/names.ts';
import { between, type Instant, later, type Millis, seconds } from '../../domain/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KeepAliveOutcome } from '../../ports/heartbeat.ts';
import type { RawFailure } from './failure.ts';
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from './rpc.generated.ts';
import { methods } from './rpc-methods.ts';
import type { EtcdSession, SessionStream } from './session.ts';
import { within } from './within.ts';

type Ending = { readonly kind: 'message'; readonly message: LeaseKeepAliveResponse } | RawFailure;

/**
 * One long-lived stream of keep-alives, one of them in flight at a time. A stream that was late once is dropped, so that
 * its answer is never taken for the answer to a later question.
 */
export class KeepAlives {
  readonly #session: EtcdSession;
  readonly #clock: Clock;
  #stream: SessionStream<LeaseKeepAliveRequest> | null = null;
  /** Who waits for the stream's next message or its end. */
  #heard: ((ending: Ending) => void) | null = null;
  #inFlight = false;

  constructor(options: { readonly session: EtcdSession; readonly clock: Clock }) {
    this.#session = options.session;
    this.#clock = options.clock;
  }

  async keepAlive(lease: LeaseId, limit: Millis): Promise<KeepAliveOutcome> {
    invariant(!this.#inFlight, 'one keep-alive is in flight at a time');
    this.#inFlight = true;
    try {
      const deadline = later(this.#clock.now(), limit);
      const first = await this.#ask(lease, deadline);
      return outcomeOf(lease, first.kind === 'token-refused' ? await this.#ask(lease, deadline) : first);
    } finally {
      this.#inFlight = false;
    }
  }

  async #ask(lease: LeaseId, deadline: Instant): Promise<Ending> {
    const opened = await this.#opened(deadline);
    if (opened.kind !== 'open') return opened;
    const ending = new Promise<Ending>((resolve) => {
      this.#heard = resolve;
    });
    opened.stream.send({ ID: BigInt(lease) });
    return within(ending, between(this.#clock.now(), deadline), () => {
      const reason = 'no answer to a keep-alive in time';
      this.#stream = null;
      opened.stream.leave(reason);
      return { kind: 'no-answer', reason };
    });
  }

  async #opened(deadline: Instant) {
    if (this.#stream !== null) return { kind: 'open', stream: this.#stream } as const;
    const listener = {
      message: (message: LeaseKeepAliveResponse) => this.#heard?.({ kind: 'message', message }),
      ended: (failure: RawFailure) => {
        this.#stream = null;
        this.#heard?.(failure);
      },
    };
    const limit = between(this.#clock.now(), deadline);
    const outcome = await this.#session.openStream(methods.leaseKeepAlive, listener, limit);
    if (outcome.kind === 'open') this.#stream = outcome.stream;
    return outcome;
  }
}

function outcomeOf(lease: LeaseId, ending: Ending): KeepAliveOutcome {
  switch (ending.kind) {
    case 'message':
      return aliveOrGone(lease, ending.message);
    case 'lease-gone':
      return { kind: 'gone' };
    case 'no-answer':
      return ending;
    case 'refused':
    case 'token-refused':
      return { kind: 'refused', reason: ending.reason };
  }
}

function aliveOrGone(lease: LeaseId, { ID, TTL, header }: LeaseKeepAliveResponse): KeepAliveOutcome {
  if (ID !== BigInt(lease)) return { kind: 'no-answer', reason: 'an answer for another lease' };
  // A lease that is gone is answered without a TTL (spec/dcs.md 3.1.3).
  if (TTL <= 0n) return { kind: 'gone' };
  return { kind: 'alive', ttl: seconds(Number(TTL)), ...(header === undefined ? {} : { term: header.raftTerm }) };
}
