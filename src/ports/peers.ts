import type { FailsafeAnswer, FailsafeCall } from '../domain/failsafe.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import type { Millis } from '../domain/time.ts';
import type { PeerAddress } from './effects.ts';

/** Other members' REST APIs. Asks all at once; each answer ends within `limit` as an answer or as `no-answer`. */
export type Peers = {
  ask(peer: PeerAddress, patience: PeerPatience): Promise<PeerAnswer>;
  /** Ask it to leave the lead to me; sent once, since a promise that is answered late is worth less than it looks. */
  askFailsafe(peer: PeerAddress, call: FailsafeCall, limit: Millis): Promise<FailsafeAnswer>;
};

/** `maxAge`: who looked at its PostgreSQL longer ago is asked again; at the limit the last answer counts. */
export type PeerPatience = { readonly limit: Millis; readonly maxAge: Millis | null };
