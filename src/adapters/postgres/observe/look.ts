import type {
  ControlData,
  DataDirectory,
  PendingRestart,
  PostgresProcess,
  PostgresReport,
  ServerAnswer,
} from '../../../domain/postgres-report.ts';
import type { Instant, Millis } from '../../../domain/time.ts';
import type { Timeline } from '../../../domain/timeline.ts';
import type { Instance } from '../instance.ts';
import { lookAtDirectory } from './data-directory.ts';
import type { HeartbeatAnswer } from './heartbeat-connection.ts';
import type { MonitoringRow } from './monitoring-row.ts';
import type { StandbyFacts } from './standby-timeline.ts';

/** One look after another; what one look must know of the last one (since when the server is silent) is kept here. */
export function createLook(
  instance: Instance,
  readStandbyTimeline: (standby: StandbyFacts, limitMs: number) => Promise<Timeline | null>,
): (limit: Millis) => Promise<PostgresReport> {
  let silentSince: Instant | null = null;

  return async (limit) => {
    const observedAt = instance.clock.now();
    const started = performance.now();
    const left = (): number => Math.max(0, limit - (performance.now() - started));
    const dataDirectory = await lookAtDirectory(
      instance.config.postgres.dataDir,
      async () => (await instance.readControl())?.data ?? null,
    );
    const before = instance.process.report();
    const { process, server } = await serverOf(dataDirectory, before, left);
    if (server.kind !== 'silent') silentSince = null;
    return { observedAt, dataDirectory, process, server };
  };

  async function serverOf(
    directory: DataDirectory,
    before: PostgresProcess,
    left: () => number,
  ): Promise<{ readonly process: PostgresProcess; readonly server: ServerAnswer }> {
    if (before.kind !== 'running' || directory.kind !== 'present') {
      await instance.heartbeat.close();
      return { process: before, server: { kind: 'down' } };
    }
    const answer = await instance.heartbeat.ask(directory.majorVersion, left());
    if (answer.kind === 'answered') {
      return { process: before, server: await answerOf(answer, directory.control, left()) };
    }
    // It did not answer: perhaps because it died after we had found it.
    const process = instance.process.report();
    if (process.kind !== 'running') return { process, server: { kind: 'down' } };
    return { process, server: trouble(answer) };
  }

  function trouble(answer: Exclude<HeartbeatAnswer, { kind: 'answered' }>): ServerAnswer {
    if (answer.kind === 'rejecting') return { kind: 'rejecting' };
    if (silentSince === null) {
      silentSince = instance.clock.now();
      instance.log.write('warn', 'postgres-silent', { reason: answer.reason });
    }
    return { kind: 'silent', since: silentSince };
  }

  async function answerOf(
    answer: Extract<HeartbeatAnswer, { kind: 'answered' }>,
    control: ControlData | null,
    limitMs: number,
  ): Promise<ServerAnswer> {
    const { row } = answer;
    const pendingRestart = merged(instance.raised.current, answer.pendingRestart);
    if (row.kind === 'primary') return { ...row, pendingRestart };
    return { ...row, timeline: await timelineOf(row, control, limitMs), pendingRestart };
  }

  async function timelineOf(
    row: Extract<MonitoringRow, { kind: 'standby' }>,
    control: ControlData | null,
    limitMs: number,
  ): Promise<Timeline | null> {
    return readStandbyTimeline({ walReceiver: row.walReceiver, replayLsn: row.replayLsn, control }, limitMs);
  }
}

/** What the agent itself raised hides what the server says of the same name: the file holds the raised value. */
function merged(raised: readonly PendingRestart[], server: readonly PendingRestart[]): readonly PendingRestart[] {
  const names = new Set(raised.map((each) => each.name));
  return [...raised, ...server.filter((each) => !names.has(each.name))];
}
