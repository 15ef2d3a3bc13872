import type { Memory } from './memory.ts';
import type { MemberName } from './names.ts';
import type { Timeline } from './timeline.ts';

/**
 * Whose branch the cluster went on with, that what lies here has parted from; `null`: nobody's, or it is not known. What
 * lies on an older timeline than that leader's is behind by its number, and no more is to be known of it.
 * @param own where the server here is.
 */
export function divergedFrom({ parted }: Memory, own: Timeline | null): MemberName | null {
  if (parted === null) return null;
  const isOlder = own !== null && parted.timeline !== null && own < parted.timeline;
  return isOlder ? null : parted.from;
}
