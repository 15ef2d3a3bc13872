import { assertNever } from '../../domain/invariant.ts';
import type {
  CurrentUpstream,
  DataDirectory,
  PendingRestart,
  PostgresProcess,
  PostgresReport,
  PrimaryAnswer,
  ServerAnswer,
  Slot,
  StandbyAnswer,
  WalSender,
} from '../../domain/postgres-report.ts';
import { earlier, type Instant, millis, type WallTime } from '../../domain/time.ts';
import type { Timeline } from '../../domain/timeline.ts';
import { describeDirectory } from './directory.ts';
import type { PostgresModel } from './postgres-model.ts';
import { reusing, reusingItems } from './reusing.ts';
import type { SlotHere } from './slots.ts';
import { ASYNC, type SyncState, syncStates } from './sync-commit.ts';
import { branchAt, cameTo, historyOf, type WalBranch, walPosition } from './wal-branch.ts';

/**
 * What looks at one server show, in the words of the port. What does not change from one look to the next is the same
 * object.
 */
export class Appearance {
  readonly #postgres: PostgresModel;
  /** Who may stream from this server. */
  readonly #others: () => readonly PostgresModel[];
  readonly #directory = reusing(({ directory }: Pick<PostgresModel, 'directory'>) => describeDirectory(directory));
  readonly #process = reusing(runningProcess);
  readonly #primary = reusing(primaryAnswer);
  readonly #standby = reusing(standbyAnswer);
  readonly #upstream = reusing((inForce: CurrentUpstream) => inForce);
  readonly #walSenders = reusingItems(walSender);
  readonly #slots = reusingItems(shownSlot);

  constructor(postgres: PostgresModel, others: () => readonly PostgresModel[]) {
    this.#postgres = postgres;
    this.#others = others;
  }

  look(at: Moment): PostgresReport {
    const { branch, directory, isDiskStuck } = this.#postgres;
    return {
      observedAt: at.observedAt,
      dataDirectory: isDiskStuck ? OUT_OF_REACH : this.#directory({ directory }),
      process: this.#processes(at),
      server: this.#silence(at) ?? this.#answer(),
      // The first timeline has no history file.
      timelineHistory: branch === null || branch.parent === null ? null : historyOf(branch),
    };
  }

  #processes({ wallClock }: Moment): PostgresProcess {
    const { server, isToolRunning } = this.#postgres;
    if (server.kind === 'down') return isToolRunning ? { kind: 'orphaned', processCount: 1 } : { kind: 'none' };
    if (server.kind === 'orphaned') return { kind: 'orphaned', processCount: server.processCount };
    return this.#process({ pid: server.pid, startedAt: wallClock.wallTime(server.startedAt) });
  }

  #silence({ observedAt, worldTime }: Moment): ServerAnswer | null {
    const { silentSince } = this.#postgres;
    if (silentSince === null) return null;
    return { kind: 'silent', since: earlier(observedAt, millis(worldTime - silentSince)) };
  }

  #answer(): ServerAnswer {
    const { server, branch } = this.#postgres;
    if (branch === null) return DOWN;
    switch (server.kind) {
      case 'down':
      case 'orphaned':
        return DOWN;
      case 'starting':
      case 'stopping':
        return REJECTING;
      case 'primary':
        return this.#primary({
          position: this.#postgres.position,
          timeline: branch.timeline,
          syncNames: this.#postgres.syncNames,
          isCheckpointerBusy: this.#postgres.isCheckpointerBusy,
          walSenders: this.#walSendersNow(),
          slots: this.#slots(this.#postgres.slots.all()),
        });
      case 'standby':
        return this.#standbyNow(branch);
      default:
        return assertNever(server);
    }
  }

  #standbyNow(branch: WalBranch): StandbyAnswer {
    const { link, replay, position, syncNames, isCheckpointerBusy, slots } = this.#postgres;
    const replayed = replay.positionIn(position);
    const upstream = link.wanted?.upstream ?? null;
    return this.#standby({
      position,
      replayed,
      timeline: branchAt(branch, replayed).timeline,
      streamedTimeline: link.upstream === null ? null : cameTo(branch, position).timeline,
      upstreamEnd: link.upstream?.position ?? position,
      isPaused: replay.isPaused,
      isOnOldWal: replay.isOnOldWal,
      hasReceived: link.hasReceived,
      upstream:
        upstream === null
          ? null
          : this.#upstream({ host: upstream.host, port: upstream.port, slot: link.wanted?.slot ?? null }),
      syncNames,
      isCheckpointerBusy,
      walSenders: this.#walSendersNow(),
      slots: this.#slots(slots.all()),
    });
  }

  #walSendersNow(): readonly WalSender[] {
    const followers = this.#others().filter((other) => other.link.upstream === this.#postgres);
    const broken = this.#postgres.brokenConnections;
    if (followers.length + broken.length === 0) return NOBODY;
    const live = followers.map(({ applicationName, host, link, position, replay }) => {
      const { lastHeard, hasCaughtUp } = link;
      const now = { position, replayed: replay.positionIn(position), hasCaughtUp };
      return { applicationName, host, ...(lastHeard ?? now) };
    });
    const all = [...broken, ...live];
    const standbys = all.map(({ applicationName: name, hasCaughtUp }) => ({ name, hasCaughtUp }));
    const states = syncStates(this.#postgres.syncRule, standbys);
    return this.#walSenders(
      all.map(({ applicationName, host, position, replayed, hasCaughtUp }, index) => {
        const { state: sync, priority } = states[index] ?? ASYNC;
        const pid = SENDER_PID_BASE + index;
        return { position, replayed, hasCaughtUp, pid, applicationName, host, sync, priority };
      }),
    );
  }
}

type Moment = {
  readonly observedAt: Instant;
  /** The same moment, in world time. */
  readonly worldTime: number;
  readonly wallClock: { wallTime(worldTime: number): WallTime };
};

function runningProcess({ pid, startedAt }: { readonly pid: number; readonly startedAt: WallTime }): PostgresProcess {
  return { kind: 'running', pid, startedAt };
}

function primaryAnswer(shown: Service & { readonly timeline: Timeline; readonly position: number }): PrimaryAnswer {
  const answer: PrimaryAnswer = {
    kind: 'primary',
    serverVersion: SERVER_VERSION,
    timeline: shown.timeline,
    flushLsn: walPosition(shown.position),
    walSenders: shown.walSenders,
    slots: shown.slots,
    pendingRestart: NONE_PENDING,
    ...(shown.isCheckpointerBusy && { isCheckpointerBusy: true }),
  };
  return shown.syncNames === '' ? answer : { ...answer, syncNames: shown.syncNames };
}

function standbyAnswer(shown: StandbyShown): StandbyAnswer {
  const position = walPosition(shown.position);
  const timeline = shown.streamedTimeline;
  const answer: StandbyAnswer = {
    kind: 'standby',
    serverVersion: SERVER_VERSION,
    timeline: shown.timeline,
    receiveLsn: shown.hasReceived ? position : null,
    replayLsn: shown.replayed === shown.position ? position : walPosition(shown.replayed),
    replayPaused: shown.isPaused,
    ...(shown.isOnOldWal && { isOnOldWal: true }),
    ...(shown.hasReceived && shown.replayed < shown.position && { isReplaying: true }),
    replayedAt: null,
    walReceiver:
      timeline === null ? null : { status: 'streaming', timeline, latestEndLsn: walPosition(shown.upstreamEnd) },
    upstream: shown.upstream,
    hasRestoreCommand: false,
    walSenders: shown.walSenders,
    slots: shown.slots,
    pendingRestart: NONE_PENDING,
    ...(shown.isCheckpointerBusy && { isCheckpointerBusy: true }),
  };
  return shown.syncNames === '' ? answer : { ...answer, syncNames: shown.syncNames };
}

type StandbyShown = Service & {
  readonly timeline: Timeline;
  /** `null`: nothing streams. */
  readonly streamedTimeline: Timeline | null;
  readonly upstreamEnd: number;
  readonly position: number;
  readonly replayed: number;
  readonly isPaused: boolean;
  readonly isOnOldWal: boolean;
  readonly hasReceived: boolean;
  readonly upstream: CurrentUpstream | null;
};

type Service = {
  readonly syncNames: string;
  readonly isCheckpointerBusy: boolean;
  readonly walSenders: readonly WalSender[];
  readonly slots: readonly Slot[];
};

function walSender(follower: {
  readonly pid: number;
  readonly applicationName: string;
  readonly host: string;
  readonly hasCaughtUp: boolean;
  readonly sync: SyncState['state'];
  readonly priority: number;
  readonly position: number;
  readonly replayed: number;
}): WalSender {
  const position = walPosition(follower.position);
  return {
    pid: follower.pid,
    user: 'replicator',
    applicationName: follower.applicationName,
    clientAddress: follower.host,
    state: follower.hasCaughtUp ? 'streaming' : 'catchup',
    syncState: follower.sync,
    syncPriority: follower.priority,
    writeLsn: position,
    flushLsn: position,
    replayLsn: follower.replayed === follower.position ? position : walPosition(follower.replayed),
  };
}

function shownSlot(slot: SlotHere): Slot {
  const { name, type, active, position, isLost } = slot;
  const restartLsn = walPosition(position);
  const confirmedFlushLsn = type === 'logical' ? restartLsn : null;
  const here: Slot = { name, type, active, restartLsn, confirmedFlushLsn, hasXmin: false, ...databaseOf(slot) };
  return isLost ? { ...here, isLost } : here;
}

function databaseOf(slot: SlotHere): Pick<Slot, 'database' | 'plugin'> {
  if (slot.type === 'physical') return {};
  const { database, plugin } = slot.state;
  return { database, plugin };
}

const OUT_OF_REACH: DataDirectory = {
  kind: 'inaccessible',
  reason: 'the file system does not answer in time',
};
const DOWN: ServerAnswer = { kind: 'down' };
const REJECTING: ServerAnswer = { kind: 'rejecting' };
const NOBODY: readonly WalSender[] = [];
const NONE_PENDING: readonly PendingRestart[] = [];
const SERVER_VERSION = 150_000;
const SENDER_PID_BASE = 20_000;
