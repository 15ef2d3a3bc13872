import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { dataRemovedOnlyIfAllowed } from './data-removal.ts';
import { noAcknowledgementAfterDeadline } from './deadline.ts';
import { noDefect } from './no-defect.ts';
import { oneAcknowledges } from './one-acknowledges.ts';
import { oneCluster } from './one-cluster.ts';
import { oneHolder } from './one-holder.ts';
import { promoteOnlyUnderLease } from './promotion.ts';
import { rewindOnlyFromCheckpointedPrimary } from './rewind-source.ts';
import { standbysFollowTheirOwnHistory } from './timelines.ts';

/** Every promise that a run is held to while faults go on; liveness is judged by the runner afterwards. */
export function allCheckers(settings: Settings): readonly Checker[] {
  return [
    oneHolder(),
    promoteOnlyUnderLease(),
    noAcknowledgementAfterDeadline(),
    oneAcknowledges({ ttlMs: settings.ttl * 1000 }),
    standbysFollowTheirOwnHistory(),
    oneCluster(),
    rewindOnlyFromCheckpointedPrimary(),
    dataRemovedOnlyIfAllowed({ removalAllowed: settings.removeDataOnDivergence, nodes: settings.nodes }),
    noDefect(),
  ];
}
