import { assertNever } from '../../domain/invariant.ts';
import type {
  PostgresProcess,
  PostgresReport,
  ServerAnswer,
  Slot,
  StandbyAnswer,
  WalSender,
} from '../../domain/postgres-report.ts';
import { earlier, type Instant, millis, type WallTime } from '../../domain/time.ts';
import { describeDirectory } from './directory.ts';
import type { PostgresModel } from './postgres-model.ts';
import { syncStates } from './sync-commit.ts';
import { branchAt, historyOf, walPosition } from './wal-branch.ts';
import { stillHas } from './wal-retention.ts';

/** What one look shows, in the words of the port. `others`: who may stream from this server. */
export function lookAt(
  postgres: PostgresModel,
  look: {
    readonly observedAt: Instant;
    /** The same moment, in world time. */
    readonly worldTime: number;
    readonly wallTime: (worldTime: number) => WallTime;
    readonly others: readonly PostgresModel[];
  },
): PostgresReport {
  const { branch } = postgres;
  return {
    observedAt: look.observedAt,
    dataDirectory: postgres.isDiskStuck
      ? { kind: 'inaccessible', reason: 'the file system does not answer in time' }
      : describeDirectory(postgres.directory),
    process: processOf(postgres, look.wallTime),
    server: silenceOf(postgres, look) ?? answerOf(postgres, look.others),
    // The first timeline has no history file.
    timelineHistory: branch === null || branch.parent === null ? null : historyOf(branch),
  };
}

function processOf(postgres: PostgresModel, wallTime: (worldTime: number) => WallTime): PostgresProcess {
  const { server } = postgres;
  if (server.kind === 'down') return postgres.isToolRunning ? { kind: 'orphaned', processCount: 1 } : { kind: 'none' };
  if (server.kind === 'orphaned') return { kind: 'orphaned', processCount: server.processCount };
  return { kind: 'running', pid: server.pid, startedAt: wallTime(server.startedAt) };
}

function silenceOf(
  postgres: PostgresModel,
  look: { readonly observedAt: Instant; readonly worldTime: number },
): ServerAnswer | null {
  const { silentSince } = postgres;
  if (silentSince === null) return null;
  return { kind: 'silent', since: earlier(look.observedAt, millis(look.worldTime - silentSince)) };
}

function answerOf(postgres: PostgresModel, others: readonly PostgresModel[]): ServerAnswer {
  const { server, files } = postgres;
  if (files === null) return { kind: 'down' };
  switch (server.kind) {
    case 'down':
    case 'orphaned':
      return { kind: 'down' };
    case 'starting':
    case 'stopping':
      return { kind: 'rejecting' };
    case 'primary':
      return {
        kind: 'primary',
        serverVersion: SERVER_VERSION,
        timeline: files.branch.timeline,
        flushLsn: walPosition(postgres.position),
        ...syncNamesOf(postgres),
        walSenders: walSendersOf(postgres, others),
        slots: slotsOf(postgres),
        pendingRestart: [],
      };
    case 'standby':
      return standbyAnswer(postgres, others);
    default:
      return assertNever(server);
  }
}

function standbyAnswer(postgres: PostgresModel, others: readonly PostgresModel[]): StandbyAnswer {
  const position = walPosition(postgres.position);
  const timeline = postgres.branch?.timeline ?? null;
  const replayed = postgres.replay.position;
  const { link } = postgres;
  const upstream = link.wanted?.upstream ?? null;
  return {
    kind: 'standby',
    serverVersion: SERVER_VERSION,
    timeline: postgres.branch === null ? null : branchAt(postgres.branch, replayed).timeline,
    receiveLsn: link.hasReceived ? position : null,
    replayLsn: walPosition(replayed),
    replayPaused: postgres.replay.isPaused,
    replayedAt: null,
    walReceiver: link.upstream === null ? null : { status: 'streaming', timeline, latestEndLsn: position },
    upstream: upstream === null ? null : { host: upstream.host, port: upstream.port, slot: link.wanted?.slot ?? null },
    hasRestoreCommand: false,
    ...syncNamesOf(postgres),
    walSenders: walSendersOf(postgres, others),
    slots: slotsOf(postgres),
    pendingRestart: [],
  };
}

function walSendersOf(postgres: PostgresModel, others: readonly PostgresModel[]): readonly WalSender[] {
  const followers = followersOf(postgres, others);
  const states = syncStates(
    postgres.syncRule,
    followers.map((each) => each.applicationName),
  );
  return followers.map((follower, index) => {
    const sync = states[index];
    const position = walPosition(follower.position);
    return {
      pid: SENDER_PID_BASE + index,
      user: 'replicator',
      applicationName: follower.applicationName,
      clientAddress: follower.host,
      state: 'streaming',
      syncState: sync?.state ?? 'async',
      syncPriority: sync?.priority ?? 0,
      writeLsn: position,
      flushLsn: position,
      replayLsn: walPosition(follower.replay.position),
    };
  });
}

function syncNamesOf({ syncNames }: PostgresModel): { readonly syncNames?: string } {
  return syncNames === '' ? {} : { syncNames };
}

function slotsOf(postgres: PostgresModel): readonly Slot[] {
  const walFrom = postgres.files?.walFrom ?? 0;
  return postgres.slots.all().map((slot) => ({
    name: slot.name,
    type: slot.type,
    active: slot.active,
    restartLsn: walPosition(slot.position),
    confirmedFlushLsn: slot.type === 'logical' ? walPosition(slot.position) : null,
    hasXmin: false,
    ...(slot.type === 'logical' && { database: slot.state.database, plugin: slot.state.plugin }),
    ...(!stillHas(walFrom, slot.position) && { isLost: true }),
  }));
}

function followersOf(postgres: PostgresModel, others: readonly PostgresModel[]): readonly PostgresModel[] {
  return others.filter((other) => other.link.upstream === postgres);
}

const SERVER_VERSION = 150_000;
const SENDER_PID_BASE = 20_000;
