import type { TaskOutcome } from '../../../domain/task.ts';
import type { Millis } from '../../../domain/time.ts';
import type { TaskContext } from '../../../ports/postgres.ts';
import { type Session, type SessionOutcome, sqlState } from '../connection/session.ts';
import { reasonOf } from '../errors.ts';
import { type Instance, openLocal } from '../instance.ts';
import { until, within } from '../wait.ts';
import { runScript } from './operator-script.ts';

const POLL_MS = 10;
const QUERY_LIMIT_MS = 2_000;
/** A server that is silent for longer in the midst of its promotion hangs. */
const SILENT_LIMIT_MS = 5_000;
/** A promotion asked for cannot be taken back; after this long somebody else has to look at it. */
const PROMOTE_LIMIT_MS = 60_000;

/**
 * Promote, and be done when the server accepts writes. Cancelled, it waits no longer; what was asked for may happen yet,
 * and whoever cancelled it stops the server. The lease is asked for at the last possible moment: everything
 * before it may have taken long, and a promotion without a lease would be a second primary.
 */
export async function promote(
  instance: Instance,
  task: { readonly safety: Millis },
  context: TaskContext,
): Promise<TaskOutcome> {
  const refused = await prePromote(instance, context);
  if (refused !== null) return refused;
  const opened = await openLocal(instance.config, {
    purpose: 'Matriarch promote',
    limitMs: QUERY_LIMIT_MS,
    settings: { statement_timeout: String(QUERY_LIMIT_MS), search_path: 'pg_catalog' },
  });
  const own = opened.kind === 'open' ? opened.session : null;
  const session = own ?? alreadyIn(instance, opened);
  if (session === null) return { kind: 'failed', reason: 'reason' in opened ? opened.reason : 'no connection' };
  try {
    if (!(await isInRecovery(session))) return { kind: 'done' };
    if (context.signal.aborted) return { kind: 'cancelled' };
    const refusal = whyNoLease(context.leaseNow(), task.safety);
    if (refusal !== null) return { kind: 'refused', reason: refusal };
    await bounded(session.rows('SELECT pg_promote(wait => false)'));
    context.reached('promotion-asked');
    const outcome = await until(endOfRecovery(session), {
      everyMs: POLL_MS,
      limitMs: PROMOTE_LIMIT_MS,
      signal: context.signal,
    });
    if (outcome.kind === 'met') return { kind: 'done' };
    return outcome.kind === 'cancelled' ? outcome : { kind: 'failed', reason: 'it is still in recovery' };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  } finally {
    await own?.close();
  }
}

/**
 * One that lets nobody in now, though it lives, may be promoted by whoever is in: all its connections may be taken, or what a
 * login reads was locked by a primary that died, until the promotion ends that.
 */
function alreadyIn(instance: Instance, opened: SessionOutcome): Session | null {
  return opened.kind === 'refused' || opened.kind === 'no-answer' ? instance.heartbeat.session : null;
}

/** The operator's own word, before anything is done; cancelled, nothing was. */
async function prePromote(instance: Instance, context: TaskContext): Promise<TaskOutcome | null> {
  const { scripts, signal } = context;
  if (scripts.prePromote === null) return null;
  context.progress('pre_promote');
  const end = await runScript(instance, { name: 'pre_promote', text: scripts.prePromote }, signal);
  if (end.kind === 'passed') return null;
  if (end.kind === 'cancelled') return { kind: 'refused', reason: 'cancelled while pre_promote ran' };
  return { kind: 'refused', reason: end.reason, vetoed: true };
}

/** `null`: the lease lasts long enough, and somebody stands ready to fence us when it ends. */
export function whyNoLease(lease: ReturnType<TaskContext['leaseNow']>, safety: Millis): string | null {
  if (!lease.guardianReady) return 'no guardian is ready to fence this server';
  if (lease.deadline === null) return 'no lease is held';
  if (lease.now + safety > lease.deadline) return 'the lease ends too soon';
  return null;
}

async function isInRecovery(session: Session): Promise<boolean> {
  return bounded(askRecovery(session));
}

/**
 * @returns a question for a server that was asked to promote: one that is slow for a moment, as its disk may be then, has
 * not failed. The same answer is waited for again, so that it is noticed meanwhile when nobody waits any more.
 */
function endOfRecovery(session: Session): () => Promise<true | null> {
  let asked: { readonly at: number; readonly answer: Promise<boolean> } | null = null;
  return async () => {
    asked ??= { at: performance.now(), answer: askRecovery(session).catch(stillUnlessBroken) };
    const answer = await within(asked.answer, QUERY_LIMIT_MS);
    if (answer === null && performance.now() - asked.at >= SILENT_LIMIT_MS) throw new Error(NO_ANSWER);
    if (answer === null) return null;
    asked = null;
    return answer ? null : true;
  };
}

async function askRecovery(session: Session): Promise<boolean> {
  const [row] = await session.rows('SELECT pg_is_in_recovery() AS in_recovery');
  return row?.['in_recovery'] !== 'f';
}

/** The server ends a statement that takes too long. */
function stillUnlessBroken(error: unknown): true {
  if (sqlState(error) !== QUERY_CANCELED) throw error;
  return true;
}

const QUERY_CANCELED = '57014';
const NO_ANSWER = 'the server does not answer';

async function bounded<T>(work: Promise<T>): Promise<T> {
  const result = await within(work, QUERY_LIMIT_MS);
  if (result === null) throw new Error(NO_ANSWER);
  return result;
}
