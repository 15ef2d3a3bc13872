/** The program of a worker thread: runs seeds until a checker that counts sees something. Bundled by `mutant.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { runSeed } from '../../src/simulator/run-seed.ts';
import type { Hunt, Sighting } from './hunt.ts';

const { first, last, seenBy }: Hunt = workerData;
parentPort?.postMessage(hunted());

function hunted(): Sighting {
  for (let seed = first; seed <= last; seed += 1) {
    const result = runSeed(seed);
    if (result.kind === 'violation') {
      const { checker, message } = result.violation;
      if (seenBy === null || seenBy.includes(checker)) return { kind: 'seen', seed, checker, message };
    }
  }
  return { kind: 'unseen', seeds: last - first + 1 };
}
