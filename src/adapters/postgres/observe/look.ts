import type {
  DataDirectory,
  PendingRestart,
  PostgresProcess,
  PostgresReport,
  ServerAnswer,
} from '../../../domain/postgres-report.ts';
import type { Instant, Millis } from '../../../domain/time.ts';
import type { Timeline } from '../../../domain/timeline.ts';
import { errorCode, reasonOf } from '../errors.ts';
import { belowControl } from '../files/server-parameters.ts';
import type { Instance } from '../instance.ts';
import { within } from '../wait.ts';
import { lookAtDirectory } from './data-directory.ts';
import { foundScopeReader } from './found-scope.ts';
import type { HeartbeatAnswer } from './heartbeat-connection.ts';
import { historyFileReader, timelineHere } from './history-file.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { type ServerLife, serverLife } from './server-life.ts';
import type { StandbyFacts } from './standby-timeline.ts';

/** How much of a look's time the files may take: a disk that hangs must not hide a server that answers. */
const FILES_SHARE = 0.5;
/** It was read a moment ago, and is read again only when it has changed since. */
const CONTROL_LIMIT_MS = 1_000;

/** One look after another. What a look must know of earlier ones is kept here. */
export function createLook(
  instance: Instance,
  readStandbyTimeline: (standby: StandbyFacts, limitMs: number) => Promise<Timeline | null>,
): (limit: Millis) => Promise<PostgresReport> {
  const seen: Seen = { silentSince: null, major: null, process: null };
  const readHistory = historyFileReader(instance.config.postgres.dataDir);
  const readScope = foundScopeReader(instance.config.postgres.configDir);
  const readDirectory = oneAtATime(() =>
    lookAtDirectory(
      instance.config.postgres.dataDir,
      instance.rewindMark,
      async () => (await instance.readControl())?.data ?? null,
    ),
  );
  return async (limit) => {
    const observedAt = instance.clock.now();
    const started = performance.now();
    const left = (): number => Math.max(0, limit - (performance.now() - started));
    const dataDirectory = await withScope(await directoryIn(readDirectory(), limit * FILES_SHARE), readScope, limit);
    if (dataDirectory.kind === 'present') seen.major = dataDirectory.majorVersion;
    const control = dataDirectory.kind === 'present' ? dataDirectory.control : null;
    const { process, server } = await serverOf(instance, seen, {
      left,
      finish: (answer, life) =>
        finished(instance, answer, ({ walReceiver, replayLsn }) =>
          readStandbyTimeline({ life, walReceiver, replayLsn, control }, left()),
        ),
    });
    if (server.kind !== 'silent') seen.silentSince = null;
    const ofTimeline = { timeline: timelineHere(server, control), life: serverLife(process) };
    const timelineHistory = (await within(readHistory(ofTimeline), limit * FILES_SHARE)) ?? null;
    return { observedAt, dataDirectory, process, server, timelineHistory };
  };
}

/** What earlier looks found. */
type Seen = { silentSince: Instant | null; major: number | null; process: PostgresProcess | null };
type Answered = Extract<HeartbeatAnswer, { kind: 'answered' }>;
type StandbyRow = Extract<Answered['row'], { kind: 'standby' }>;

async function directoryIn(looking: Promise<DataDirectory>, limitMs: number): Promise<DataDirectory> {
  return (
    (await within(looking, limitMs)) ?? { kind: 'inaccessible', reason: 'the file system does not answer in time' }
  );
}

async function withScope(
  directory: DataDirectory,
  readScope: () => Promise<string | null>,
  limit: Millis,
): Promise<DataDirectory> {
  if (directory.kind !== 'present' || directory.signal !== 'standby') return directory;
  const foundScope = (await within(readScope(), limit * FILES_SHARE)) ?? null;
  return foundScope === null ? directory : { ...directory, foundScope };
}

async function serverOf(
  instance: Instance,
  seen: Seen,
  look: { readonly left: () => number; readonly finish: (answer: Answered, life: ServerLife) => Promise<ServerAnswer> },
): Promise<{ readonly process: PostgresProcess; readonly server: ServerAnswer }> {
  const before = processNow(instance, seen);
  if (before.kind !== 'running') {
    await instance.heartbeat.close();
    return { process: before, server: { kind: 'down' } };
  }
  const major = seen.major;
  const answer: HeartbeatAnswer =
    major === null
      ? { kind: 'silent', reason: 'its version is not known' }
      : await instance.heartbeat.ask(major, look.left());
  if (answer.kind === 'answered') return { process: before, server: await look.finish(answer, serverLife(before)) };
  // It did not answer: perhaps because it died after we had found it.
  const process = processNow(instance, seen);
  if (process.kind !== 'running') return { process, server: { kind: 'down' } };
  if (answer.kind === 'rejecting') return { process, server: { kind: 'rejecting' } };
  if (seen.silentSince === null) {
    seen.silentSince = instance.clock.now();
    instance.log.write('warn', 'postgres-silent', { reason: answer.reason });
  }
  return { process, server: { kind: 'silent', since: seen.silentSince } };
}

/**
 * When the system does not let us look (no file handle is left), nothing new was learned: what was last seen holds. At
 * the first look, when the directory itself is closed to us, that nobody works in it is still to be seen.
 */
function processNow(instance: Instance, seen: Seen): PostgresProcess {
  try {
    seen.process = instance.process.report();
  } catch (error) {
    seen.process ??= isDeserted(instance) ? { kind: 'none' } : null;
    if (errorCode(error) === null || seen.process === null) throw error;
    instance.log.write('error', 'processes-not-seen', { reason: reasonOf(error) });
  }
  return seen.process;
}

function isDeserted({ process }: Instance): boolean {
  return process.all().length === 0;
}

async function finished(
  instance: Instance,
  answer: Answered,
  timelineOf: (row: StandbyRow) => Promise<Timeline | null>,
): Promise<ServerAnswer> {
  const { row } = answer;
  const pendingRestart = merged(instance.raised.current, answer.pendingRestart);
  if (row.kind === 'primary') return { ...row, pendingRestart };
  const { limits, ...standby } = row;
  const control = row.replayPaused ? await within(instance.readControl(), CONTROL_LIMIT_MS) : null;
  const insufficient = belowControl(limits, control?.labels ?? new Map<string, string>());
  const held = insufficient.length === 0 ? {} : { insufficient };
  return { ...standby, ...held, timeline: await timelineOf(row), pendingRestart };
}

/** What the agent itself raised hides what the server says of the same name: the file holds the raised value. */
function merged(raised: readonly PendingRestart[], server: readonly PendingRestart[]): readonly PendingRestart[] {
  const names = new Set(raised.map((each) => each.name));
  return [...raised, ...server.filter((each) => !names.has(each.name))];
}
