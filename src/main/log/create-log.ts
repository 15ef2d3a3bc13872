import type { LogConfig } from '../../domain/agent-config.ts';
import type { Log, LogLevel } from '../../ports/log.ts';
import { LineQueue, type Sink } from './line-queue.ts';
import { lineRenderer } from './render.ts';
import { rotatingFile } from './rotating-file.ts';
import { standardError } from './standard-error.ts';

export type ProcessLog = Log & {
  /** Another level, form or place from the next line on. */
  configure(settings: LogConfig): void;
  /**
   * Settles when everything is written, or after `limitMs`.
   * @returns `full`: so much waits that lines were being dropped.
   */
  close(limitMs: number): Promise<'written' | 'waiting' | 'full'>;
  /**
   * The process ends: write what waits. After a `close` that was not done in time nothing is written, it would hang.
   * @returns `stuck`: it was not done in time.
   */
  writeRest(): 'written' | 'stuck';
};

/** How many lines wait at most, where nothing else is configured (spec/config.md 9.2). */
const QUEUE_MAX = 1000;

/** The log of this process. Nobody who writes to it waits for whoever reads it. */
export function createLog(initial: LogConfig, now: () => Date, standard: Sink = standardError): ProcessLog {
  let settings = initial;
  let render = lineRenderer(initial);
  let isStuck = false;
  const complain = (problem: string): void => standard.writeNow(`matriarch: log.dir: ${problem}\n`);
  const sinkOf = ({ file }: LogConfig): Sink => (file === undefined ? standard : rotatingFile(file, complain));
  const queue = new LineQueue(sinkOf(initial), initial.queueMax ?? QUEUE_MAX, (lost) =>
    render({ at: now(), level: 'warn', event: 'log-lost', fields: { lost } }),
  );
  return {
    configure(wanted) {
      if (wanted === settings) return;
      settings = wanted;
      render = lineRenderer(wanted);
      queue.configure(sinkOf(wanted), wanted.queueMax ?? QUEUE_MAX);
    },
    write(level, event, fields) {
      const threshold = settings.levels?.[event] ?? settings.level;
      if (ORDER.indexOf(level) > ORDER.indexOf(threshold)) return;
      queue.push(render({ at: now(), level, event, fields }));
    },
    async close(limitMs) {
      const limit = AbortSignal.timeout(limitMs);
      const tooLate = new Promise<'late'>((resolve) => limit.addEventListener('abort', () => resolve('late')));
      const outcome = await Promise.race([queue.drained(), tooLate]);
      if (outcome !== 'late') return 'written';
      isStuck = true;
      return queue.isLosing ? 'full' : 'waiting';
    },
    writeRest() {
      if (isStuck) return 'stuck';
      queue.writeRest();
      return 'written';
    },
  };
}

const ORDER: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];
