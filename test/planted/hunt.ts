import { Worker } from 'node:worker_threads';

export type Seeds = { readonly first: number; readonly last: number };

export type Sighting =
  | { readonly kind: 'seen'; readonly seed: number; readonly checker: string; readonly message: string }
  | { readonly kind: 'unseen'; readonly seeds: number }
  /** It ran into the time limit: nothing is known. */
  | { readonly kind: 'unfinished'; readonly why: string };

/** Run a bundle of `mutant.ts` over these seeds, in order, until a checker sees something. */
export function hunt(bundle: string, seeds: Seeds, limitMs: number): Promise<Sighting> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(bundle, { workerData: seeds });
    const timer = setTimeout(() => {
      resolve({ kind: 'unfinished', why: `not done within ${String(Math.round(limitMs / 1000))} s` });
      void worker.terminate();
    }, limitMs);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the hunt ended with ${String(code)}`));
    });
  });
}

/**
 * The first seed at which a checker sees the bug in `mutant`, and nothing in the tree as it is: what both break is no
 * proof of anything.
 */
export async function firstSighting(
  { mutant, unchanged }: { readonly mutant: string; readonly unchanged: string },
  { first, last }: Seeds,
  limitMs: number,
): Promise<Sighting> {
  for (let from = first; from <= last; ) {
    const sighting = await hunt(mutant, { first: from, last }, limitMs);
    if (sighting.kind !== 'seen')
      return sighting.kind === 'unseen' ? { ...sighting, seeds: last - first + 1 } : sighting;
    const { seed } = sighting;
    const without = await hunt(unchanged, { first: seed, last: seed }, limitMs);
    if (without.kind === 'unseen') return sighting;
    from = seed + 1;
  }
  return { kind: 'unseen', seeds: last - first + 1 };
}
