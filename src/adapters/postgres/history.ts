import { parseLsn } from '../../domain/lsn.ts';
import type { LeaderHistory } from '../../domain/memory.ts';
import { systemId } from '../../domain/names.ts';
import type { Millis } from '../../domain/time.ts';
import { type TimelineHistory, type TimelineSwitch, timeline } from '../../domain/timeline.ts';
import type { Postgres } from '../../ports/postgres.ts';
import { compareWal, nextWal } from './compare-wal.ts';
import { adviceForLogin } from './connection/refused-login.ts';
import { openSession, type Session, type SessionOptions } from './connection/session.ts';
import { errorCode, reasonOf } from './errors.ts';
import { upstreamTarget } from './files/recovery-settings.ts';
import type { Instance } from './instance.ts';
import { within } from './wait.ts';

/**
 * Ask an upstream who it is. Of several hosts the one that is a primary speaks, else the first that answers: which of
 * them PostgreSQL would follow.
 */
export async function askHistory(instance: Instance, question: Question): Promise<LeaderHistory> {
  const hosts = question.upstream.host.split(',');
  const answers = await Promise.all(
    hosts.map((host) => askHost(instance, { ...question, upstream: { ...question.upstream, host } })),
  );
  const known = answers.filter((each) => each.kind === 'known');
  const [first] = answers;
  return known.find((each) => !each.inRecovery) ?? known[0] ?? first ?? nobody(instance, question);
}

function nobody(instance: Instance, { member }: Question): LeaderHistory {
  return { kind: 'no-answer', member, askedAt: instance.clock.now(), reason: 'no host to ask' };
}

/**
 * Ask a server who it is: system identifier, timeline and its history from a walsender, which is what a replica
 * would follow; whether it is in recovery from SQL, because a walsender of a standby answers the same; and whether its
 * WAL is what lies here.
 */
async function askHost(instance: Instance, question: Question): Promise<LeaderHistory> {
  const { member } = question;
  const askedAt = instance.clock.now();
  try {
    const identity = askWalSender(instance, question);
    const answers = await within(Promise.all([identity, askServer(instance, question, identity)]), question.limit);
    if (answers === null) return { kind: 'no-answer', member, askedAt, reason: 'no answer in time' };
    const [who, server] = answers;
    return { kind: 'known', member, askedAt, ...who, ...server };
  } catch (error) {
    return { kind: 'no-answer', member, askedAt, reason: reasonOf(error) };
  }
}

type Question = Parameters<Postgres['askHistory']>[0];
type Known = Extract<LeaderHistory, { kind: 'known' }>;
type Identity = Pick<Known, 'systemId' | 'history'>;

/** The comparison may take that much of the time for the whole answer: without it, the rest still counts. */
const COMPARISON_SHARE = 0.4;

async function askWalSender(instance: Instance, question: Question): Promise<Identity> {
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

async function askServer(
  instance: Instance,
  question: Question,
  identity: Promise<Identity>,
): Promise<Pick<Known, 'inRecovery' | 'walEnd' | 'sameWal' | 'nextWal'>> {
  const { rewind } = instance.config.postgres;
  return withSession(
    { ...optionsFor(question), target: upstreamTarget(question.upstream, rewind) },
    async (session) => {
      const [row] = await session.rows(RECOVERY);
      const answer: unknown = row?.['in_recovery'];
      if (answer !== 't' && answer !== 'f') throw new Error('it does not say whether it is in recovery');
      const inRecovery = answer === 't';
      const leaderEnd = parseLsn(String(row?.['wal_end']));
      const { own } = question;
      const received = inRecovery ? parseLsn(String(row?.['received'])) : null;
      const role = { inRecovery, ...(received === null ? {} : { walEnd: received }) };
      if (own === null || leaderEnd === null) return { ...role, sameWal: 'unknown' };
      const { history: leader } = await identity;
      const sameWal = await within(
        compareWal(instance, session, { own, leader, leaderEnd }).catch(nothingCompared),
        question.limit * COMPARISON_SHARE,
      );
      const next = await nextWal(instance, session, { own, leader, leaderEnd }).catch(nothingCompared);
      return { ...role, sameWal: sameWal ?? 'unknown', ...(next === null ? {} : { nextWal: next }) };
    },
  );
}

/** No right to read its files, or a disk in trouble: the rest of the answer counts all the same. */
function nothingCompared(error: unknown): null {
  if (errorCode(error) === null) throw error;
  return null;
}

const RECOVERY = `SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
  CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
       ELSE pg_catalog.pg_current_wal_flush_lsn() END AS wal_end,
  CASE WHEN pg_catalog.pg_is_in_recovery()
       THEN GREATEST(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn()) END AS received`;

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
  if (opened.kind !== 'open') throw new Error(whyNotOpen(options, opened.reason));
  try {
    const result = await within(work(opened.session), options.connectLimitMs);
    if (result === null) throw new Error('no answer in time');
    return result;
  } finally {
    await opened.session.close();
  }
}

/** With who asked whom where a person has to look at it. */
function whyNotOpen({ target }: SessionOptions, reason: string): string {
  const advice = adviceForLogin(reason);
  return advice === null
    ? reason
    : `${target.host}:${target.port} refuses ${target.credentials.username}: ${reason}; ${advice}`;
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
