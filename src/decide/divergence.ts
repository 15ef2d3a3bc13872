import { formatLsn, type Lsn } from '../domain/lsn.ts';
import type { Divergence, LeaderHistory } from '../domain/memory.ts';
import type { MemberName } from '../domain/names.ts';
import {
  type ControlData,
  isOnOldWal,
  type PostgresReport,
  type ServerAnswer,
  standbyPosition,
  stoppedInCrashRecovery,
} from '../domain/postgres-report.ts';
import { branchPoint, endsBeforeItBegins, sharesRoot, type Timeline } from '../domain/timeline.ts';
import { presentDirectory } from './facts.ts';

type Position =
  | { readonly kind: 'standby'; readonly timeline: Timeline; readonly lsn: Lsn }
  /** A cleanly stopped primary: where its shutdown checkpoint begins and ends. */
  | { readonly kind: 'former-primary'; readonly timeline: Timeline; readonly lsn: Lsn; readonly end: Lsn | null };

type KnownHistory = Extract<LeaderHistory, { kind: 'known' }>;

/**
 * Does what lies here belong to the history of `leader` (spec/ha.md 2.20)? Timeline before LSN: an isolated old
 * primary may hold more WAL than the leader, on a branch that nobody follows. And a timeline's number is not its
 * identity: where it began is compared, too, and the WAL itself.
 * @returns `unchecked` while either side is not known. A leader that is not promoted yet can only show that a standby
 * fits so far, or has not got the WAL that it needs.
 */
export function divergence(report: PostgresReport, answer: LeaderHistory, leader: MemberName): Divergence {
  if (answer.kind === 'no-answer' || answer.member !== leader) return { kind: 'unchecked' };
  if (report.server.kind === 'rejecting') return beforeConsistency(report, answer, leader);
  const position = localPosition(report);
  return position === null ? { kind: 'unchecked' } : judged(report, position, answer, leader);
}

/**
 * A standby that does not accept connections yet is to replay as far as its control file says. Where the leader's
 * history does not contain that, or the leader has removed WAL from before it, it waits for ever. Of one that has all WAL
 * here, and is slow to replay it, nothing is known.
 */
function beforeConsistency(report: PostgresReport, answer: KnownHistory, leader: MemberName): Divergence {
  const control = presentDirectory(report)?.control ?? null;
  if (control?.state !== 'in archive recovery' || control.minRecoveryEnd === null) return { kind: 'unchecked' };
  const needed = control.beforeBackupEnd === true ? recoveryEnd(control) : null;
  const found = needed === null ? null : judged(report, needed, answer, leader);
  if (found?.kind === 'rewind-failed') return found;
  if (answer.nextWal !== 'removed') return { kind: 'unchecked' };
  const why = 'the leader has removed the WAL that it needs to become consistent';
  return { kind: 'starved', leader, leaderTimeline: answer.history.of, why, isUncompared: true };
}

function judged(report: PostgresReport, position: Position, answer: KnownHistory, leader: MemberName): Divergence {
  const found = answer.sameWal === 'different' ? twin(leader, answer) : compared(report, position, answer, leader);
  const isSameBranch = found.kind === 'fits' || found.kind === 'starved';
  // The rest may go past where the leader parted from it; and what comes next, as far as it says, may lie here.
  if (isSameBranch && (isOnOldWal(report.server) || mayPart(report.server, position, answer)))
    return { kind: 'unchecked' };
  const counts = !answer.inRecovery || (position.kind === 'standby' && isSameBranch);
  if (!counts) return { kind: 'unchecked' };
  return found.kind === 'diverged' && isBeforeBackupEnd(report) ? beyondRewinding(leader, answer) : found;
}

/** pg_rewind takes all local WAL for replayed, and would leave out what was not, and what was never here. */
function beyondRewinding(leader: MemberName, answer: KnownHistory): Divergence {
  const why = 'it is not consistent yet, and needs WAL for that which is no part of the leader’s history';
  return { kind: 'rewind-failed', leader, leaderTimeline: answer.history.of, attempts: 0, why, beforeBackupEnd: true };
}

/**
 * What was received is replayed, all of it, before PostgreSQL turns to another upstream: it may come to lie on a branch that
 * nobody follows. So it may where a leader that is not promoted yet has less: that promotes from where it is. PostgreSQL
 * would connect to it all the same, and a primary takes the word of a standby that has parted from it for its own WAL.
 */
function mayPart(server: ServerAnswer, { lsn, timeline }: Position, answer: KnownHistory): boolean {
  const received = server.kind === 'standby' ? standbyPosition(server) : null;
  const furthest = received !== null && received > lsn ? received : lsn;
  if (answer.inRecovery && answer.walEnd !== undefined && furthest > answer.walEnd) return true;
  if (server.kind !== 'standby' || server.isReplaying !== true) return false;
  const branch = branchPoint(answer.history, timeline);
  return branch.kind === 'at' && furthest > branch.lsn;
}

function isBeforeBackupEnd(report: PostgresReport): boolean {
  return presentDirectory(report)?.control?.beforeBackupEnd === true;
}

/** What can be told of a standby that only starts: is a timeline here another one than the leader's of that number? */
export function isAnotherBranch(report: PostgresReport, answer: KnownHistory): boolean {
  const own = report.timelineHistory ?? null;
  return answer.sameWal === 'different' || (own !== null && !sharesRoot(own, answer.history));
}

/** Two members promoted one after the other from one position: pg_rewind goes by numbers and would see nothing to do. */
function twin(leader: MemberName, answer: KnownHistory): Divergence {
  const why = 'a timeline that both tell alike holds other WAL there than here';
  return { kind: 'rewind-failed', leader, leaderTimeline: answer.history.of, attempts: 0, why };
}

function compared(report: PostgresReport, position: Position, answer: KnownHistory, leader: MemberName): Divergence {
  const leaderTimeline = answer.history.of;
  const branch = branchPoint(answer.history, position.timeline);
  const own = report.timelineHistory ?? null;
  const isBeyondRewinding = endsBeforeItBegins(answer.history, position.timeline);
  const diverged = (why: string) =>
    isBeyondRewinding
      ? ({
          kind: 'rewind-failed',
          leader,
          leaderTimeline,
          attempts: 0,
          why: `${why}, before a timeline in between begins`,
        } as const)
      : ({ kind: 'diverged', leader, leaderTimeline, why } as const);
  const name = `timeline ${String(position.timeline)}`;
  if (branch.kind === 'never') {
    const why = `${name} is no part of timeline ${String(leaderTimeline)}`;
    return { kind: 'diverged', leader, leaderTimeline, why, isForeign: true };
  }
  if (own !== null && own.of === position.timeline && !sharesRoot(own, answer.history)) {
    const why = `${name} began elsewhere than the leader's of that number`;
    // pg_rewind goes by the number and would see nothing to do.
    const isSameNumber = branch.kind === 'same';
    return isSameNumber ? { kind: 'rewind-failed', leader, leaderTimeline, attempts: 0, why } : diverged(why);
  }
  if (branch.kind === 'same') return fits(report, answer, leader);
  const at = formatLsn(branch.lsn);
  if (position.kind === 'standby') {
    return position.lsn > branch.lsn
      ? diverged(`replayed to ${formatLsn(position.lsn)}, the leader left ${name} at ${at}`)
      : fits(report, answer, leader);
  }
  return isCleanHandOver(position, branch.lsn)
    ? { kind: 'fits', leader, leaderTimeline }
    : diverged(`stopped at ${formatLsn(position.lsn)}, the leader left ${name} at ${at}`);
}

/**
 * The leader's branch begins exactly where our shutdown checkpoint ends. Where that is may be unknown; the checkpoint was
 * the last record here, so a branch that begins within the length of such a record begins at its end.
 */
function isCleanHandOver({ lsn, end }: Extract<Position, { kind: 'former-primary' }>, branch: Lsn): boolean {
  if (end !== null) return lsn < branch && end === branch;
  return lsn < branch && branch - lsn <= CHECKPOINT_RECORD_MAX;
}

/** A shutdown checkpoint's record is about 120 bytes long; a page's header may lie within it. */
const CHECKPOINT_RECORD_MAX = 256n;

/** It could follow; a standby that runs, and has no archive either, cannot once the leader has removed its next WAL. */
function fits({ server }: PostgresReport, answer: KnownHistory, leader: MemberName): Divergence {
  const leaderTimeline = answer.history.of;
  const waits = server.kind === 'standby' && server.walReceiver === null && !server.hasRestoreCommand;
  if (!waits || answer.nextWal !== 'removed') return { kind: 'fits', leader, leaderTimeline };
  return { kind: 'starved', leader, leaderTimeline, why: 'the leader has removed the WAL that comes next' };
}

function localPosition(report: PostgresReport): Position | null {
  const { server } = report;
  if (server.kind === 'standby') {
    const lsn = server.replayLsn;
    return server.timeline === null || lsn === null ? null : { kind: 'standby', timeline: server.timeline, lsn };
  }
  const control = presentDirectory(report)?.control ?? null;
  if (control === null || report.process.kind !== 'none' || stoppedInCrashRecovery(control)) return null;
  const isStandby = control.state === 'shut down in recovery' || control.state === 'in archive recovery';
  const end = isStandby ? recoveryEnd(control) : null;
  if (end !== null) return end;
  if (!isStandby && control.state !== 'shut down') return null;
  return {
    kind: 'former-primary',
    timeline: control.checkpointTimeline,
    lsn: control.checkpointLsn,
    end: control.checkpointEnd,
  };
}

/** How far a standby's control file says that it has to replay. */
function recoveryEnd({ minRecoveryEnd: lsn, minRecoveryTimeline }: ControlData): Position | null {
  const isKnown = lsn !== null && minRecoveryTimeline !== null;
  return isKnown ? { kind: 'standby', timeline: minRecoveryTimeline, lsn } : null;
}
