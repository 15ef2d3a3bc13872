import { readFileSync } from 'node:fs';
import { replayTrace } from '../agent/replay.ts';

/** `matriarch replay FILE`: does this build decide as the recorded one did? Returns the exit status. */
export function runReplay(file: string): number {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const replay = replayTrace(lines);
  switch (replay.kind) {
    case 'same':
      process.stdout.write(`${String(replay.steps)} steps, the same decision in each\n`);
      return 0;
    case 'differs':
      process.stdout.write(`step ${String(replay.step)}: recorded ${replay.recorded}, now ${replay.now}\n`);
      return 1;
    case 'unreadable':
      process.stderr.write(`matriarch: ${file}:${String(replay.line)}: ${replay.why}\n`);
      return 1;
  }
}
