import type { SyncKey } from '../../domain/cluster-view.ts';
import { memberName } from '../../domain/names.ts';
import type { StoredPair } from '../../domain/stored-pair.ts';
import { isTruthy } from '../../domain/tags.ts';
import { integerIn, objectIn, textIn } from './lenient.ts';

/**
 * Read the `sync` key.
 * @returns `null`: synchronous mode is not active. Deleted, `{}` and nulls all say so, and so does a quorum that is no
 * integer, because nobody could tell which standbys have what.
 * @see spec/dcs.md 1.10 (C-10, C-11)
 */
export function readSync(pair: StoredPair): SyncKey | null {
  const stored = objectIn(pair.value);
  const leader = textIn(stored?.['leader']);
  if (stored === null || leader === null) return null;
  const quorum = isTruthy(stored['quorum']) ? integerIn(stored['quorum']) : 0n;
  if (quorum === null) return null;
  const voters = (textIn(stored['sync_standby']) ?? '').split(',').map((each) => each.trim());
  return {
    leader: memberName(leader),
    voters: voters.filter((each) => each !== '').map(memberName),
    quorum: Number(quorum),
    modRevision: pair.modRevision,
  };
}
