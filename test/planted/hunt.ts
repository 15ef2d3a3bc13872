import { Worker } from 'node:worker_threads';

export type Seeds = { readonly first: number; readonly last: number };

export type Sighting =
  | { readonly kind: 'seen'; readonly seed: number; readonly checker: string; readonly message: string }
  | { readonly kind: 'unseen'; readonly seeds: number }
  /** It ran into the time limit: nothing is known. */
  | { readonly kind: 'unfinished'; readonly why: string };

/** What the worker is told. */
export type Hunt = Seeds & {
  /** The checkers that count; `null`: all of them. */
  readonly seenBy: readonly string[] | null;
};

/** Run a bundle of `mutant.ts` over these seeds, in order, until a checker that counts sees something. */
export function hunt(bundle: string, seeds: Hunt, limitMs: number): Promise<Sighting> {
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
 * The first seed at which one of the checkers that the bug names sees it, and nothing in the tree as it is. Whatever else
 * breaks proves nothing: a mistake shifts all that comes after it, perhaps to where the tree itself is wrong.
 */
export async function firstSighting(
  given: { readonly mutant: string; readonly unchanged: string; readonly seenBy: readonly string[] },
  { first, last }: Seeds,
  limitMs: number,
): Promise<Sighting> {
  const endsAt = performance.now() + limitMs;
  for (let from = first; from <= last; ) {
    const left = endsAt - performance.now();
    const sighting = await hunt(given.mutant, { first: from, last, seenBy: given.seenBy }, left);
    if (sighting.kind !== 'seen') return sighting;
    const { seed } = sighting;
    const without = await hunt(given.unchanged, { first: seed, last: seed, seenBy: null }, limitMs);
    if (without.kind === 'unseen') return sighting;
    from = seed + 1;
  }
  return { kind: 'unseen', seeds: last - first + 1 };
}
