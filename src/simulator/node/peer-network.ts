import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import type { PeerAnswer } from '../../domain/peer.ts';
import type { Instant, Millis } from '../../domain/time.ts';
import type { PeerAddress } from '../../ports/effects.ts';
import { renderJson } from '../../wire/json.ts';
import { readPeerAnswer } from '../../wire/peer.ts';
import { nodeFacts } from '../../wire/rest/node-facts.ts';
import { nodeStatus, nodeStatusBeforeFirstStep } from '../../wire/rest/node-status.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { HostClock } from '../world/host-clock.ts';
import type { Network, Place } from '../world/network.ts';
import { drawSpan, type Settings } from '../world/settings.ts';

/** One node's REST API as its peers meet it: the process, and what it would answer from. */
export type PeerApi = {
  readonly actor: Actor;
  readonly clock: HostClock;
  readonly snapshot: () => NodeSnapshot | null;
};

/** Requests between agents. The body is rendered and read by the production code, as over the wire. */
export class PeerNetwork {
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #settings: Settings;
  readonly #apis = new Map<Place, PeerApi>();

  constructor(options: { readonly kernel: Kernel; readonly network: Network; readonly settings: Settings }) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#settings = options.settings;
  }

  listen(place: Place, api: PeerApi): void {
    this.#apis.set(place, api);
  }

  /** Answered once, within the limit. */
  ask(question: PeerQuestion, answered: (answer: PeerAnswer) => void): void {
    const { from, asker, peer, limit } = question;
    const { member } = peer;
    const askedAt = this.#apis.get(from)?.clock.now();
    const target = placeIn(peer.apiUrl);
    const api = this.#apis.get(target);
    if (askedAt === undefined) return;
    let open = true;
    const finish = (answer: PeerAnswer): void => {
      if (!open) return;
      open = false;
      answered(answer);
    };
    const reply = (answer: PeerAnswer): void => {
      this.#travel(target, from, () => this.#kernel.after(0, asker, 'peer answer', () => finish(answer)));
    };
    this.#kernel.after(limit, asker, 'peer limit', () => {
      finish({ kind: 'no-answer', member, askedAt, reason: 'no answer within the limit' });
    });
    this.#travel(from, target, () => {
      if (api === undefined || api.actor.state === 'dead') {
        reply({ kind: 'no-answer', member, askedAt, reason: 'connection refused' });
        return;
      }
      this.#kernel.after(ANSWER_MS, api.actor, 'peer request', () => {
        reply(readPeerAnswer({ member, askedAt, body: bodyOf(api, askedAt) }));
      });
    });
  }

  #travel(from: Place, to: Place, arrives: () => void): void {
    if (!this.#network.delivers(from, to)) return;
    this.#kernel.after(drawSpan(this.#kernel.random('peers'), this.#settings.network), null, 'peer message', () => {
      if (this.#network.delivers(from, to)) arrives();
    });
  }
}

type PeerQuestion = {
  readonly from: Place;
  readonly asker: Actor;
  readonly peer: PeerAddress;
  readonly limit: Millis;
};

function bodyOf(api: PeerApi, _askedAt: Instant): string {
  const snapshot = api.snapshot();
  if (snapshot === null) return renderJson(nodeStatusBeforeFirstStep());
  return renderJson(nodeStatus(snapshot, nodeFacts(snapshot, api.clock.now())));
}

/** `http://b:8008/patroni` is at `b`. */
function placeIn(apiUrl: string): Place {
  return /^\w+:\/\/([^:/]+)/.exec(apiUrl)?.[1] ?? apiUrl;
}

const ANSWER_MS = 1;
