import type { Upstream } from '../../domain/desired-postgres.ts';
import { parseLsn } from '../../domain/lsn.ts';
import type { LeaderHistory } from '../../domain/memory.ts';
import { type MemberName, systemId } from '../../domain/names.ts';
import type { Millis } from '../../domain/time.ts';
import { type TimelineHistory, type TimelineSwitch, timeline } from '../../domain/timeline.ts';
import { openSession, type Session, type SessionOptions } from './connection/session.ts';
import { reasonOf } from './errors.ts';
import { upstreamTarget } from './files/recovery-settings.ts';
import type { Instance } from './instance.ts';
import { within } from './wait.ts';

/**
 * Ask an upstream who it is: system identifier, timeline and its history from a walsender, which is what a replica
 * would follow; and whether it is in recovery from SQL, because a walsender of a standby answers the same.
 */
export async function askHistory(
  instance: Instance,
  question: { readonly upstream: Upstream; readonly member: MemberName; readonly limit: Millis },
): Promise<LeaderHistory> {
  const { member } = question;
  const askedAt = instance.clock.now();
  const asked = Promise.all([askWalSender(instance, question), askRecovery(instance, question)]);
  try {
    const answers = await within(asked, question.limit);
    if (answers === null) return { kind: 'no-answer', member, askedAt, reason: 'no answer in time' };
    const [identity, inRecovery] = answers;
    return { kind: 'known', member, askedAt, inRecovery, ...identity };
  } catch (error) {
    return { kind: 'no-answer', member, askedAt, reason: reasonOf(error) };
  }
}

async function askWalSender(
  instance: Instance,
  question: { readonly upstream: Upstream; readonly limit: Millis },
): Promise<Pick<Extract<LeaderHistory, { kind: 'known' }>, 'systemId' | 'history'>> {
  const { replication } = instance.config.postgres;
  return withSession(
    { ...optionsFor(question), target: upstreamTarget(question.upstream, replication), replication: true },
    async (session) => {
      const [identity] = await session.rows('IDENTIFY_SYSTEM');
      const id = systemId(String(identity?.['systemid']));
      const current = timeline(Number(identity?.['timeline']));
      if (id === null || current === null) throw new Error('IDENTIFY_SYSTEM gave no identity');
      if (current === 1) return { systemId: id, history: { of: current, switches: [] } };
      const [file] = await session.rows(`TIMELINE_HISTORY ${current}`);
      const history = parseHistory(Number(current), String(file?.['content']));
      if (history === null) throw new Error('TIMELINE_HISTORY gave no history');
      return { systemId: id, history };
    },
  );
}

async function askRecovery(
  instance: Instance,
  question: { readonly upstream: Upstream; readonly limit: Millis },
): Promise<boolean> {
  const { rewind } = instance.config.postgres;
  return withSession(
    { ...optionsFor(question), target: upstreamTarget(question.upstream, rewind) },
    async (session) => {
      const [row] = await session.rows('SELECT pg_catalog.pg_is_in_recovery() AS in_recovery');
      const answer: unknown = row?.['in_recovery'];
      if (answer !== 't' && answer !== 'f') throw new Error('it does not say whether it is in recovery');
      return answer === 't';
    },
  );
}

function optionsFor(question: { readonly limit: Millis }): Omit<SessionOptions, 'target'> {
  return {
    applicationName: 'Matriarch',
    connectLimitMs: question.limit,
    settings: { statement_timeout: '2000' },
    near: false,
  };
}

async function withSession<T>(options: SessionOptions, work: (session: Session) => Promise<T>): Promise<T> {
  const opened = await openSession(options);
  if (opened.kind !== 'open') throw new Error(opened.reason);
  try {
    const result = await within(work(opened.session), options.connectLimitMs);
    if (result === null) throw new Error('no answer in time');
    return result;
  } finally {
    await opened.session.close();
  }
}

/** Lines of three fields: timeline, WAL position, reason. Others are comments. @returns `null` when a line is broken. */
export function parseHistory(of: number, text: string): TimelineHistory | null {
  const current = timeline(of);
  const switches: TimelineSwitch[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+([0-9A-Fa-f]+\/[0-9A-Fa-f]+)(?:\s+(.*))?$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const parent = timeline(Number(match[1]));
    const switchedAt = parseLsn(match[2]);
    if (parent === null || switchedAt === null) return null;
    switches.push({ parent, switchedAt, reason: match[3] ?? '' });
  }
  return current === null ? null : { of: current, switches };
}
