import type { ResponseHeader } from './rpc.generated.ts';

/**
 * Recognizes a member that missed an election: its Raft term is behind one that the same cluster has already shown.
 * Another cluster id (the store was restored from a backup) starts anew.
 * @see spec/dcs.md 3.1.5
 */
export class TermGuard {
  #clusterId = 0n;
  #term = 0n;

  /** @returns the trouble in words, or `null` when the answer may be used. */
  stale(header: ResponseHeader | undefined): string | null {
    if (header === undefined || header.clusterId === 0n) return null;
    if (header.clusterId === this.#clusterId && header.raftTerm < this.#term) {
      return `an answer of Raft term ${header.raftTerm}, and term ${this.#term} was seen: the member is stale`;
    }
    this.#clusterId = header.clusterId;
    this.#term = header.raftTerm;
    return null;
  }
}
