import type { MemberName } from '../../domain/names.ts';
import { between, later, seconds } from '../../domain/time.ts';
import type { OperatorLine } from '../command-line.ts';
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
  async untilDone(limitSeconds: number): Promise<MemberName | null> {
    const { line } = this.#watched;
    const until = later(line.now(), seconds(limitSeconds));
    const rounds = Math.ceil((limitSeconds * 1_000) / LOOK_EVERY_MS);
    // A look may take seconds by itself, where the store is silent.
    for (let round = 0; round <= rounds && between(line.now(), until) >= 0; round += 1) {
      const progress = await this.#look();
      if (progress?.kind === 'done') return progress.leader;
      await line.sleep(LOOK_EVERY_MS);
    }
    return null;
  }

  /** A store that does not answer for a moment is no end of waiting. */
  async #look(): Promise<Progress | null> {
    const { cluster, from, to } = this.#watched;
    const read = await cluster.glance();
    if (read.kind === 'failed') {
      this.#say(`the store does not answer (${read.why}); asking again`);
      return null;
    }
    const progress = handoverProgress(read.view, { from, to });
    if (progress.kind === 'waiting') this.#say(progress.says);
    return progress;
  }

  #say(what: string): void {
    if (what !== this.#said) this.#watched.line.stderr.write(`${what}\n`);
    this.#said = what;
  }
}

const LOOK_EVERY_MS = 500;
