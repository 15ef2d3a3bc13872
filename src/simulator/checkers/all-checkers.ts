import type { Settings } from '../world/settings.ts';
import type { Checker } from './checker.ts';
import { checkpointFlagTellsTheTruth } from './checkpoint-flag.ts';
import { dataRemovedOnlyIfAllowed } from './data-removal.ts';
import { noAcknowledgementAfterDeadline } from './deadline.ts';
import { electorsHaveWhatWasAcknowledged } from './electors.ts';
import { primaryIsGuarded } from './guarded.ts';
import { halfRewoundNeverRuns } from './half-rewound.ts';
import { slotsAreKept } from './kept-slots.ts';
import { lagLimitIsKept } from './lag-limit.ts';
import { lastRenewalIsToldTruly } from './last-renewal.ts';
import { onlyTheLeaderSpeaksForTheCluster } from './leader-writes.ts';
import { releaseOnlyWhenFenced } from './lock-release.ts';
import { logicalSlotsSkipNothing } from './logical-slots.ts';
import { lostLockEndsWriting } from './lost-lock.ts';
import { noDefect } from './no-defect.ts';
import { nofailoverNeverPromotes } from './nofailover.ts';
import { nobodyLeadsFromAnOlderTimeline } from './older-timeline.ts';
import { oneAcknowledges } from './one-acknowledges.ts';
import { oneCluster } from './one-cluster.ts';
import { oneHolder } from './one-holder.ts';
import { oneTaskAtATime } from './one-task.ts';
import { nobodyAheadIsPassedOver } from './passed-over.ts';
import { promotedOnce } from './promoted-once.ts';
import { promoteOnlyUnderLease } from './promotion.ts';
import { rewindOnlyFromCheckpointedPrimary } from './rewind-source.ts';
import { nobodyWritesInStandbyCluster } from './standby-cluster.ts';
import { switchoverLosesNothing } from './switchover-loss.ts';
import { acknowledgedIsKept } from './sync-loss.ts';
import { keyAndNamesOverlap } from './sync-pair.ts';
import { winnerIsInTheSyncKey } from './sync-winner.ts';
import { holderBelongsToTheCluster } from './system-id.ts';
import { standbysFollowTheirOwnHistory } from './timelines.ts';
import { nobodyLeadsUnheard } from './votes.ts';
import { noResetWithoutCause } from './watchdog-cause.ts';
import { watchdogEndsWriting } from './watchdog-deadline.ts';
import { requiredWatchdogIsActive } from './watchdog-required.ts';
import { wedgedAgentStopsRenewing } from './wedged-agent.ts';

/** Every promise that a run is held to while faults go on; liveness is judged by the runner afterwards. */
export function allCheckers(settings: Settings): readonly Checker[] {
  return [
    // The lock, and who may write under it.
    oneHolder(),
    promoteOnlyUnderLease(),
    primaryIsGuarded(settings),
    noAcknowledgementAfterDeadline(),
    oneAcknowledges(),
    watchdogEndsWriting(settings),
    noResetWithoutCause(),
    requiredWatchdogIsActive(settings),
    lostLockEndsWriting(),
    wedgedAgentStopsRenewing(),
    releaseOnlyWhenFenced(),
    // Who is chosen, and what is lost.
    nobodyWritesInStandbyCluster(),
    nofailoverNeverPromotes(),
    nobodyAheadIsPassedOver(settings),
    nobodyLeadsFromAnOlderTimeline(),
    lagLimitIsKept({ limitBytes: 1_048_576 }),
    switchoverLosesNothing(),
    // What a synchronous mode promises.
    acknowledgedIsKept(),
    winnerIsInTheSyncKey(),
    keyAndNamesOverlap(),
    electorsHaveWhatWasAcknowledged(),
    nobodyLeadsUnheard(),
    // What lies on the disks.
    standbysFollowTheirOwnHistory(),
    oneCluster(),
    holderBelongsToTheCluster(),
    rewindOnlyFromCheckpointedPrimary(),
    halfRewoundNeverRuns(),
    dataRemovedOnlyIfAllowed({ removalAllowed: settings.removeDataOnDivergence }),
    // What others read and keep by slots.
    logicalSlotsSkipNothing(),
    slotsAreKept(settings),
    // What is told to others.
    checkpointFlagTellsTheTruth(),
    onlyTheLeaderSpeaksForTheCluster(),
    lastRenewalIsToldTruly(),
    // The machines themselves.
    oneTaskAtATime(),
    promotedOnce(),
    noDefect(),
    // Later: failsafe mode (S20), pause (S14).
  ];
}
