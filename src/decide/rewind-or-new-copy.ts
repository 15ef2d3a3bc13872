import type { Decision } from '../domain/decision.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { Divergence, Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { type DataDirectory, stoppedInCrashRecovery } from '../domain/postgres-report.ts';
import { isStandbyCluster } from '../domain/standby-cluster.ts';
import { later, millis } from '../domain/time.ts';
import type { Timeline } from '../domain/timeline.ts';
import { conclude, run, wait } from './conclude.ts';
import { desiredStandby, upstreamOf } from './desired-postgres.ts';
import { controlData, otherLeader, presentDirectory } from './facts.ts';
import { canRewind, isRewoundAgain, mayCopyAnew, rewoundAgainAt } from './remedy.ts';
import { isRemote, remoteUpstream, whileStarting } from './remote-source.ts';
import { copyOf, leaderAsSource, type Source, sourceOfCopy, sourcePatience } from './source-of-copy.ts';
import { needsItsSource, upstreamUntilConsistent, wantedUpstream } from './whom-to-follow.ts';

/** How long a leader that cannot be asked keeps a stopped PostgreSQL waiting before it starts read-only all the same. */
const UNVERIFIED_AFTER = millis(15_000);
const ASK_AGAIN = millis(300);
/** What a leader said of its timeline counts for so long: a rewind goes by it, and what lies here is removed by it. */
const ANSWER_HOLDS = millis(2_000);
/** So often single-user recovery may fail before the directory is treated as one whose position stays unknown. */
const RECOVERIES_MAX = 2;

const STILL_IN_RECOVERY = 'it is still in recovery';
const NOT_TO_COMPARE = 'it answered, and how far the WAL here goes is not known';

type Directory = Extract<DataDirectory, { kind: 'present' }>;

/**
 * PostgreSQL is down and the lock is not mine. When is rewind needed, and when a new copy? First its last position
 * must be known, then the leader's history says whether it fits.
 */
export function rewindOrNewCopy(o: Observation, m: Memory): Decision | null {
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  if (directory === null || o.postgres?.process.kind !== 'none') return null;
  if (directory.isHalfRewound === true) return rewindAgain(o, m);
  const leader = otherLeader(o, m);
  if (directory.hasBackupLabel && directory.signal !== 'none' && mayStart(o, m)) {
    return startStandby('start-fresh-copy', o, m);
  }
  const failures = m.backoffs.get('recover-before-check')?.failures ?? 0;
  if (needsRecovery(directory) && (leader === null || canRewind(o)) && failures < RECOVERIES_MAX)
    return run('recover-before-check', { kind: 'crash-recovery' });
  const isFollower = isStandbyCluster(o.dynamic);
  if (leader === null && !isFollower) return startStandby('start-without-leader', o, m);
  const upstream = sourceOf(o, m);
  if (upstream === null) return startStandby(isFollower ? 'start-follow' : 'start-unverified', o, m);
  return byDivergence(o, m, upstream);
}

/** The leader itself is asked, rewound from and copied, whomever this member follows later; or the remote, if that leads. */
function sourceOf(o: Observation, m: Memory): Upstream | null {
  return isStandbyCluster(o.dynamic) ? remoteUpstream(o) : upstreamOf(o, otherLeader(o, m)?.member ?? null);
}

/**
 * A rewind broke off in the middle. What lies here would perhaps start, serve reads and win a race, with pages of two
 * histories: it waits for somebody to be rewound from or copied.
 */
function rewindAgain(o: Observation, m: Memory): Decision {
  const source = sourceOf(o, m);
  if (source === null) return wait('half-rewound', 'a leader that it can be rewound from, or copied');
  const { divergence } = m;
  if (divergence.kind === 'unchecked') return askHistory(o, source);
  if (divergence.kind !== 'fits' && divergence.kind !== 'starved') return byDivergence(o, m, source);
  // Its control file, of before, fits this leader: pg_rewind would find nothing to do.
  const why = 'a rewind broke off in the middle, and this leader needs none';
  return newCopy(o, m, source, { kind: 'rewind-failed', leader: divergence.leader, attempts: 1, why });
}

/** What was copied, or rewound, is started; also when it did not start before and nothing else can be tried. */
function mayStart(o: Observation, { divergence }: Memory): boolean {
  const { removeDataOnDivergedTimelines, removeDataOnRewindFailure } = o.effective;
  if (divergence.kind === 'starved') return !removeDataOnDivergedTimelines;
  if (divergence.kind !== 'rewind-failed') return true;
  const mayCopy = removeDataOnDivergedTimelines || removeDataOnRewindFailure;
  const isHalfRewound = o.postgres !== null && presentDirectory(o.postgres)?.isHalfRewound === true;
  return divergence.doesNotStart === true && !mayCopy && !isHalfRewound;
}

/** What a known divergence asks for while PostgreSQL is down. */
function byDivergence(o: Observation, m: Memory, upstream: Upstream): Decision {
  const { divergence } = m;
  switch (divergence.kind) {
    case 'unchecked':
      return isUnavailableForLong(o, m) ? startStandby('start-unverified', o, m) : askHistory(o, upstream);
    case 'fits':
      if (needsItsSource(o, m)) return startStandby('start-fresh-copy', o, m);
      return startStandby(mayHaveMore(o, divergence) ? 'start-unverified' : 'start-follow', o, m);
    case 'diverged':
      return canRewind(o) ? rewind(o, m, upstream, divergence) : newCopy(o, m, upstream, divergence);
    case 'starved':
      return o.effective.removeDataOnDivergedTimelines
        ? newCopy(o, m, upstream, divergence)
        : startStandby('start-follow', o, m);
    case 'rewind-failed':
      // A start takes the backup label away, whether or not it goes on to the end.
      if (divergence.doesNotStart === true && mayStart(o, m)) return startStandby('start-fresh-copy', o, m);
      if (isRewoundAgain(o, divergence)) return askHistory(o, upstream);
      return newCopy(o, m, upstream, divergence);
  }
}

function isUnavailableForLong({ now }: Observation, { unavailableSince }: Memory): boolean {
  return unavailableSince !== null && now >= later(unavailableSince, UNVERIFIED_AFTER);
}

function askHistory(o: Observation, upstream: Upstream): Decision {
  const asked = o.leaderHistory;
  const isRecent = asked !== null && asked.member === upstream.member && o.now < later(asked.askedAt, ASK_AGAIN);
  if (isRecent) {
    const why = asked.kind === 'no-answer' ? asked.reason : asked.inRecovery ? STILL_IN_RECOVERY : NOT_TO_COMPARE;
    return wait('wait-for-leader-primary', `an answer of ${upstream.member}`, later(asked.askedAt, ASK_AGAIN), { why });
  }
  return conclude('ask-leader-history', { kind: 'ask-history', upstream });
}

/**
 * A standby that was killed, or stopped before all that a primary had left was replayed, is in the middle of its recovery.
 * pg_rewind wants a directory that was shut down; and there is more WAL here than its control file notes, which nothing was
 * compared with yet.
 */
function wasKilledInRecovery(o: Observation): boolean {
  const directory = o.postgres === null ? null : presentDirectory(o.postgres);
  if (directory === null || directory.control === null || directory.hasBackupLabel) return false;
  return directory.control.state === 'in archive recovery' || stoppedInCrashRecovery(directory.control);
}

/**
 * A standby notes what it had replayed, also where it was stopped in order, and replays all that it has received before it
 * connects: that may be more than a leader's history has of the timeline that it left.
 */
function mayHaveMore(o: Observation, { leaderTimeline }: Extract<Divergence, { kind: 'fits' }>): boolean {
  const control = controlData(o);
  const noted = control?.state === 'shut down in recovery' ? control.minRecoveryTimeline : null;
  return wasKilledInRecovery(o) || (noted !== null && noted < leaderTimeline);
}

function rewind(
  o: Observation,
  m: Memory,
  from: Upstream,
  divergence: Extract<Divergence, { kind: 'diverged' }>,
): Decision {
  const checkpointFirst = isRemote(o, from.member);
  if (!checkpointFirst && !hasCheckpointed(o, m, divergence.leaderTimeline)) {
    return wait('wait-for-checkpoint', `the checkpoint of ${from.member}`);
  }
  if (wasKilledInRecovery(o)) return run('recover-before-check', { kind: 'crash-recovery' });
  // This machine may have stood still since: the leader was perhaps promoted anew, to a timeline that nothing here shows yet.
  if (!hasJustAnswered(o, from, 'primary')) return askHistory(o, from);
  const { rewindOptions: options } = o.effective;
  const patience = sourcePatience(o);
  return run(
    'rewind',
    { kind: 'rewind', from, options, patience, ...(checkpointFirst && { checkpointFirst }) },
    { why: divergence.why },
  );
}

/** pg_rewind fails with a source that is in recovery, and with one that is gone: neither says anything of what lies here. */
function hasJustAnswered(
  { leaderHistory: asked, now }: Observation,
  { member }: Upstream,
  as: 'primary' | 'any',
): boolean {
  if (asked?.kind !== 'known' || asked.member !== member || (as === 'primary' && asked.inRecovery)) return false;
  return now < later(asked.askedAt, ANSWER_HOLDS);
}

/** Only what the leader has published as primary of this very timeline says so: an older value knows nothing of it. */
function hasCheckpointed(o: Observation, m: Memory, leaderTimeline: Timeline): boolean {
  const member = otherLeader(o, m)?.member;
  if (member?.role !== 'primary' || member.checkpointAfterPromote === 'pending') return false;
  return member.timeline !== null && member.timeline >= leaderTimeline;
}

function newCopy(
  o: Observation,
  m: Memory,
  from: Upstream,
  divergence: Extract<Divergence, { kind: 'diverged' | 'rewind-failed' | 'starved' }>,
): Decision {
  const facts = { why: divergence.why };
  // Members of a cluster that was made to follow another one may be where that has parted from them, on a timeline of
  // the same number: only the remote itself is known not to be.
  const source = isStandbyCluster(o.dynamic)
    ? { from, methods: o.effective.replicaMethods }
    : (sourceOfCopy(o, m, 'new-copy') ?? leaderAsSource(from, o, m));
  const made = divergence.kind === 'starved' ? withAllWal(source) : source;
  if (mayCopyAnew(o, divergence)) {
    // Removed for a source that is gone it would be missed: all members of a standby cluster may be at this together.
    return hasJustAnswered(o, from, 'any') ? run('new-copy', copyOf(o, made), facts) : askHistory(o, from);
  }
  const remedy =
    'a person: reinitialize this member, or allow removing its data (remove_data_directory_on_rewind_failure, remove_data_directory_on_diverged_timelines)';
  return conclude(
    'diverged-needs-operator',
    { kind: 'wait', for: remedy, until: rewoundAgainAt(o, divergence) },
    facts,
    [
      { alternative: 'rewind', because: divergence.kind === 'rewind-failed' ? 'it failed' : whyNoRewind(o) },
      { alternative: 'new copy', because: 'the configuration does not allow removing the data directory' },
    ],
  );
}

/**
 * What the operator's own method restores may end before the WAL that the leader still has, and where no archive closes
 * that gap it would be restored again and again. Where a base backup may be made, that is.
 */
function withAllWal(source: Source): Source {
  const methods = source.methods.filter(({ kind }) => kind === 'basebackup');
  return methods.length === 0 ? source : { ...source, methods };
}

function startStandby(
  rule: 'start-fresh-copy' | 'start-without-leader' | 'start-unverified' | 'start-follow',
  o: Observation,
  m: Memory,
): Decision {
  const wanted = rule === 'start-fresh-copy' ? upstreamUntilConsistent(o, m) : wantedUpstream(o, m);
  // What was not compared follows nobody yet; the running standby asks before it follows.
  const isProven = rule !== 'start-unverified' && !isCopyOfAnother(o, m, wanted);
  const upstream = isProven ? whileStarting(o, wanted) : null;
  const desired = desiredStandby(o, upstream);
  return run(
    rule,
    { kind: 'start', desired, timeout: o.effective.startTimeout },
    { upstream: upstream?.member ?? null },
  );
}

/** A copy may be of a branch that only has the number of the leader's; not that of the leader, or of whom it follows. */
function isCopyOfAnother(o: Observation, m: Memory, wanted: Upstream | null): boolean {
  return m.copiedFrom !== null && m.copiedFrom !== wanted?.member && m.copiedFrom !== otherLeader(o, m)?.name;
}

/** pg_rewind and the comparison both need a directory that was shut down; a base backup's label says otherwise. */
function needsRecovery({ control, hasBackupLabel, signal }: Directory): boolean {
  if (control === null || hasBackupLabel || signal !== 'none') return false;
  const { state } = control;
  const isDirty = state === 'in production' || state === 'shutting down' || state === 'in crash recovery';
  return isDirty || stoppedInCrashRecovery(control);
}

function whyNoRewind(o: Observation): string {
  return o.effective.usePgRewind ? 'neither data checksums nor wal_log_hints are on' : 'use_pg_rewind is off';
}
