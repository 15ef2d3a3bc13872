import { readFileSync } from 'node:fs';
import { replayTrace } from '../simulator/replay/replay-trace.ts';

/** `matriarch replay FILE`: does this build act as the recorded one did? Returns the exit status. */
export function runReplay(file: string): number {
  const replay = replayTrace(readFileSync(file, 'utf8').split('\n'));
  switch (replay.kind) {
    case 'same':
      process.stdout.write(
        `${replay.machine}: ${replay.steps} steps of ${replay.lives} lives, the same decisions and effects in each\n`,
      );
      return 0;
    case 'differs':
      process.stdout.write(
        `${replay.machine}, life ${replay.life}, step ${replay.step}, at ${replay.event}:\n` +
          `recorded ${replay.recorded}\nnow      ${replay.now}\n`,
      );
      return 1;
    case 'unreadable':
      process.stderr.write(`matriarch: ${file}:${replay.line}: ${replay.why}\n`);
      return 1;
  }
}
