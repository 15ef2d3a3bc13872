import type { FailsafeAnswer, FailsafeCall } from '../../domain/failsafe.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import { isOutdated, type PeerAnswer } from '../../domain/peer.ts';
import type { AgentRequest, RequestAnswer } from '../../domain/requests.ts';
import type { Millis } from '../../domain/time.ts';
import type { PeerAddress } from '../../ports/effects.ts';
import { renderJson } from '../../wire/json.ts';
import { readPeerAnswer } from '../../wire/peer.ts';
import { readFailsafeCall, renderFailsafeCall } from '../../wire/rest/failsafe-call.ts';
import { nodeFacts } from '../../wire/rest/node-facts.ts';
import { nodeStatus, nodeStatusBeforeFirstStep } from '../../wire/rest/node-status.ts';
import { type PeerHeaders, peerHeaders, readPeerHeaders } from '../../wire/rest/peer-headers.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomStream } from '../kernel/random-stream.ts';
import type { Fact } from '../world/facts.ts';
import type { HostClock } from '../world/host-clock.ts';
import type { Network, Place } from '../world/network.ts';
import { drawSpan, type Settings } from '../world/settings.ts';

/** One node's REST API as its peers meet it: the process, and what it would answer from. */
export type PeerApi = {
  readonly actor: Actor;
  readonly clock: HostClock;
  readonly snapshot: () => NodeSnapshot | null;
  readonly request: (request: AgentRequest, answered: (answer: RequestAnswer) => void) => void;
};

/** Requests between agents. The body is rendered and read by the production code, as over the wire. */
export class PeerNetwork {
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #settings: Settings;
  readonly #emit: (fact: Fact) => void;
  readonly #delays: RandomStream;
  readonly #apis = new Map<Place, PeerApi>();

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly settings: Settings;
    readonly emit: (fact: Fact) => void;
  }) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#settings = options.settings;
    this.#emit = options.emit;
    this.#delays = options.kernel.random('peers');
  }

  listen(place: Place, api: PeerApi): void {
    this.#apis.set(place, api);
  }

  /** Answered once, within the limit. */
  ask(question: PeerQuestion, answered: (answer: PeerAnswer) => void): void {
    const { from, asker, peer, limit, maxAge } = question;
    const { member } = peer;
    const askedAt = this.#apis.get(from)?.clock.now();
    const target = placeIn(peer.apiUrl);
    const api = this.#apis.get(target);
    if (askedAt === undefined) return;
    let open = true;
    const finish = (answer: PeerAnswer): void => {
      if (!open) return;
      open = false;
      const isStandby = answer.kind === 'reported' && answer.recovery === 'standby';
      if (isStandby && answer.position !== null && answer.hasMore !== true)
        this.#emit({ kind: 'testified', host: from, by: target });
      answered(answer);
    };
    const mayAskUntil = this.#kernel.now + limit * ASK_AGAIN_PART;
    let last: PeerAnswer = { kind: 'no-answer', member, askedAt, reason: 'no answer within the limit' };
    const answers = (answer: PeerAnswer): void => {
      if (!open) return;
      if (last.kind === 'no-answer' || answer.kind === 'reported') last = answer;
      if (isOutdated(last, maxAge) && this.#kernel.now < mayAskUntil)
        this.#kernel.after(ASK_AGAIN_MS, asker, 'peer is asked again', once);
      else finish(last);
    };
    const reply = (answer: PeerAnswer): void => {
      this.#travel(target, from, () => this.#kernel.after(0, asker, 'peer answer', () => answers(answer)));
    };
    const once = (): void => {
      this.#travel(from, target, () => {
        if (api === undefined || api.actor.state === 'dead') {
          reply({ kind: 'no-answer', member, askedAt, reason: 'connection refused' });
          return;
        }
        this.#kernel.after(ANSWER_MS, api.actor, 'peer request', () => {
          reply(readPeerAnswer({ member, askedAt, ...answerOf(api) }));
        });
      });
    };
    this.#kernel.after(limit, asker, 'peer limit', () => finish(last));
    once();
  }

  /** Answered once, within the limit; the body goes the way that it takes over the wire. */
  askFailsafe(question: FailsafeQuestion, answered: (answer: FailsafeAnswer) => void): void {
    const { from, asker, apiUrl, call, limit } = question;
    const target = placeIn(apiUrl);
    const api = this.#apis.get(target);
    let open = true;
    const finish = (answer: FailsafeAnswer): void => {
      if (open) answered(answer);
      open = false;
    };
    const reply = (answer: FailsafeAnswer): void => {
      this.#travel(target, from, () => this.#kernel.after(0, asker, 'failsafe answer', () => finish(answer)));
    };
    this.#kernel.after(limit, asker, 'failsafe limit', () => finish(refusal('no answer within the limit')));
    const sentAt = this.#kernel.now;
    const received = readFailsafeCall(renderJson(renderFailsafeCall(call)));
    this.#travel(from, target, () => {
      if (api === undefined || received === null || api.actor.state === 'dead') {
        reply(refusal('connection refused'));
        return;
      }
      api.request({ kind: 'failsafe', call: received }, (answer) => {
        const isAccepted = answer.kind === 'promised';
        if (isAccepted) this.#emit({ kind: 'failsafe-agreed', host: from, by: target, sentAt, ttl: call.ttl ?? 0 });
        reply(isAccepted ? { kind: 'accepted', lsn: answer.lsn } : refusal(JSON.stringify(answer)));
      });
    });
  }

  #travel(from: Place, to: Place, arrives: () => void): void {
    if (!this.#network.delivers(from, to)) return;
    this.#kernel.after(drawSpan(this.#delays, this.#settings.network), null, 'peer message', () => {
      if (this.#network.delivers(from, to)) arrives();
    });
  }
}

type FailsafeQuestion = {
  readonly from: Place;
  readonly asker: Actor;
  readonly apiUrl: string;
  readonly call: FailsafeCall;
  readonly limit: Millis;
};

function refusal(reason: string): FailsafeAnswer {
  return { kind: 'refused', reason };
}

type PeerQuestion = {
  readonly from: Place;
  readonly asker: Actor;
  readonly peer: PeerAddress;
  readonly limit: Millis;
  readonly maxAge: Millis | null;
};

function answerOf(api: PeerApi): { readonly body: string; readonly headers: PeerHeaders } {
  const snapshot = api.snapshot();
  if (snapshot === null) return { body: renderJson(nodeStatusBeforeFirstStep()), headers: readPeerHeaders({}) };
  const now = api.clock.now();
  const body = renderJson(nodeStatus(snapshot, nodeFacts(snapshot, now)));
  return { body, headers: readPeerHeaders(peerHeaders(snapshot, now)) };
}

/** `http://b:8008/patroni` is at `b`. */
function placeIn(apiUrl: string): Place {
  return /^\w+:\/\/([^:/]+)/.exec(apiUrl)?.[1] ?? apiUrl;
}

const ANSWER_MS = 1;
const ASK_AGAIN_MS = 20;
const ASK_AGAIN_PART = 0.8;
