import type { StoreMember } from './leadership.ts';

/** Something that is wrong with the store or the way to it, while it lasts. */
export type StoreTrouble = {
  /** Every request is refused with this reason: authentication, permissions, quota. */
  readonly refusing?: string;
  /**
   * Out of space since this instant: what takes more is refused. What was under way then may have been done all the same:
   * etcd applies it, finds that its quota is exceeded, and says so.
   */
  readonly fullSince?: number;
  /** Each commit takes this much longer, in ms. */
  readonly extraCommitMs?: number;
  /** Each answer is this late besides, in ms: what was asked has long been done. */
  readonly extraReplyMs?: number;
  /** Probability that a request, or an answer, never arrives. */
  readonly requestLoss?: number;
  readonly replyLoss?: number;
  /** Changes reach their watchers this much later, in ms. */
  readonly watchDelayMs?: number;
  /** Watch streams of these members say nothing, while their requests are answered. */
  readonly hungWatches?: readonly StoreMember[];
};

/** All troubles at one time; they add up. */
export class StoreTroubles {
  readonly #present = new Set<StoreTrouble>();
  refusing: string | null = null;
  fullSince: number | null = null;
  extraCommitMs = 0;
  extraReplyMs = 0;
  requestLoss = 0;
  replyLoss = 0;
  watchDelayMs = 0;

  /** @returns what ends it. */
  begin(trouble: StoreTrouble): () => void {
    this.#present.add(trouble);
    this.#addUp();
    return () => {
      this.#present.delete(trouble);
      this.#addUp();
    };
  }

  hangsWatches(member: StoreMember): boolean {
    for (const { hungWatches } of this.#present) if (hungWatches?.includes(member) === true) return true;
    return false;
  }

  #addUp(): void {
    const all = [...this.#present];
    const most = (of: (each: StoreTrouble) => number | undefined): number => Math.max(0, ...all.map((e) => of(e) ?? 0));
    this.refusing = all.find((each) => each.refusing !== undefined)?.refusing ?? null;
    this.fullSince = all.find((each) => each.fullSince !== undefined)?.fullSince ?? null;
    this.extraCommitMs = most((each) => each.extraCommitMs);
    this.extraReplyMs = most((each) => each.extraReplyMs);
    this.requestLoss = most((each) => each.requestLoss);
    this.replyLoss = most((each) => each.replyLoss);
    this.watchDelayMs = most((each) => each.watchDelayMs);
  }
}
