import type { MemberName } from '../../domain/names.ts';
import type { OperatorLine } from '../command-line.ts';
import { isStop } from '../stop.ts';
import type { Cluster } from '../with-cluster.ts';
import { handoverProgress, type Progress } from './progress.ts';

type Watched = {
  readonly cluster: Cluster;
  readonly line: OperatorLine;
  readonly from: string | null;
  readonly to: string | null;
};

/** How far it is, said on standard error whenever that changes. */
export class HandoverWatch {
  readonly #watched: Watched;
  #said = '';

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Show how far it is while `work` is not done. */
  async during<T>(work: Promise<T>): Promise<T> {
    const { line } = this.#watched;
    const ended = work.then((result) => ({ result }));
    for (;;) {
      const passed = await Promise.race([ended, line.sleep(LOOK_EVERY_MS)]);
      if (typeof passed === 'object') return passed.result;
      await this.#look();
    }
  }

  /** @returns who leads as a primary within that many seconds; `null`: nobody but who led before. */
  async untilDone(seconds: number): Promise<MemberName | null> {
    const rounds = Math.ceil((seconds * 1_000) / LOOK_EVERY_MS);
    for (let round = 0; round <= rounds; round += 1) {
      const progress = await this.#look();
      if (progress?.kind === 'done') return progress.leader;
      await this.#watched.line.sleep(LOOK_EVERY_MS);
    }
    return null;
  }

  /** A store that does not answer for a moment is no end of waiting. */
  async #look(): Promise<Progress | null> {
    const { cluster, line, from, to } = this.#watched;
    const view = await cluster.view();
    if (isStop(view)) return null;
    const progress = handoverProgress(view, { from, to });
    if (progress.kind === 'waiting' && progress.says !== this.#said) {
      line.stderr.write(`${progress.says}\n`);
      this.#said = progress.says;
    }
    return progress;
  }
}

const LOOK_EVERY_MS = 500;
