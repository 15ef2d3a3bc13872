import type { RecordedWatch } from './store-record.ts';

/**
 * A watch shows one revision after the other, as the model's does: never an older one unless it was silent in between
 * (then the store may be another), and where it says "gapless", no revision was skipped.
 * @returns what contradicts, in words.
 */
export function watchContradictions(watches: readonly RecordedWatch[]): readonly string[] {
  return watches.flatMap(contradictionsIn);
}

function contradictionsIn({ by, shown }: RecordedWatch): readonly string[] {
  const found: string[] = [];
  let known: bigint | null = null;
  let wasSilent = false;
  for (const each of shown) {
    if (each.kind === 'silent') {
      wasSilent = true;
      continue;
    }
    const { revision } = each.view;
    if (known !== null && revision < known && !wasSilent) found.push(`${by} was shown ${revision} after ${known}`);
    if (each.gapless && (known === null || (revision !== known && revision !== known + 1n))) {
      found.push(`${by} was shown ${revision} after ${known ?? 'nothing'} as gapless`);
    }
    known = revision;
    wasSilent = false;
  }
  return found;
}
