import type { PendingRestart } from '../../../domain/postgres-report.ts';
import type { Session, SessionOutcome } from '../connection/session.ts';
import { sqlState } from '../connection/session.ts';
import { reasonOf } from '../errors.ts';
import { isOnCommandLine } from '../files/server-parameters.ts';
import { within } from '../wait.ts';
import { monitoringQuery, SETTINGS_QUERY } from './monitoring-query.ts';
import { type MonitoringRow, parseMonitoringRow, parsePendingRestart } from './monitoring-row.ts';

export type HeartbeatAnswer =
  | { readonly kind: 'answered'; readonly row: MonitoringRow; readonly pendingRestart: readonly PendingRestart[] }
  | { readonly kind: 'rejecting' }
  | { readonly kind: 'silent'; readonly reason: string };

/** A query that hangs longer than this will not come back: the connection is given up and another one opened. */
const HANGING_MS = 5_000;
/** What waits for a restart changes with a reload, after which it is asked at once; otherwise only now and then. */
const SETTINGS_EVERY_MS = 60_000;
/** SQLSTATE `object_not_in_prerequisite_state`: the server left recovery between two parts of the query. */
const ROLE_CHANGED = '55000';

/**
 * The long-lived connection to the own server. Its end is how a dead postmaster is noticed at once: idle backends leave
 * as soon as their postmaster is gone.
 */
export class HeartbeatConnection {
  readonly #open: (limitMs: number) => Promise<SessionOutcome>;
  readonly #onBroken: () => void;
  #session: Session | null = null;
  #inFlight: { readonly since: number; readonly done: Promise<unknown> } | null = null;
  #settings: { readonly readAt: number; readonly pendingRestart: readonly PendingRestart[] } | null = null;

  constructor(open: (limitMs: number) => Promise<SessionOutcome>, onBroken: () => void) {
    this.#open = open;
    this.#onBroken = onBroken;
  }

  /** Ask the server how it is; ends within `limitMs`. */
  async ask(major: number, limitMs: number): Promise<HeartbeatAnswer> {
    const deadline = performance.now() + limitMs;
    const left = (): number => Math.max(0, deadline - performance.now());
    if (!(await this.#previousEnded(left()))) return { kind: 'silent', reason: 'an earlier query is still running' };
    for (const attempt of ['first', 'second'] as const) {
      const opened = await this.#ensureOpen(left());
      if (opened.kind === 'rejecting' || opened.kind === 'no-listener') return { kind: 'rejecting' };
      if (opened.kind !== 'open') return { kind: 'silent', reason: opened.reason };
      const outcome = await this.#query(opened.session, major, left());
      if (outcome !== 'again' || attempt === 'second') {
        return outcome === 'again' ? { kind: 'silent', reason: 'the connection keeps breaking' } : outcome;
      }
    }
    return { kind: 'silent', reason: 'not asked' };
  }

  /** Settings were changed: read them anew with the next look. */
  settingsChanged(): void {
    this.#settings = null;
  }

  /** Run SQL on this connection, for what must be quick and happens rarely. `null`: there is no open connection. */
  get session(): Session | null {
    return this.#session?.broken === null ? this.#session : null;
  }

  /** End the connection without taking that for a disturbance. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#inFlight = null;
    this.#settings = null;
    await session?.close();
  }

  async #previousEnded(limitMs: number): Promise<boolean> {
    const previous = this.#inFlight;
    if (previous === null) return true;
    const ended = await within(
      previous.done.then(() => true as const),
      limitMs,
    );
    if (ended !== null) return true;
    if (performance.now() - previous.since > HANGING_MS) await this.close();
    return false;
  }

  async #ensureOpen(limitMs: number): Promise<SessionOutcome> {
    const open = this.session;
    if (open !== null) return { kind: 'open', session: open };
    this.#session = null;
    this.#settings = null;
    const outcome = await this.#open(limitMs);
    if (outcome.kind === 'open') {
      this.#session = outcome.session;
      outcome.session.onBroken(() => {
        if (this.#session === outcome.session) this.#onBroken();
      });
    }
    return outcome;
  }

  async #query(session: Session, major: number, limitMs: number): Promise<HeartbeatAnswer | 'again'> {
    const work = this.#readAll(session, major);
    this.#inFlight = { since: performance.now(), done: work.catch(() => undefined) };
    try {
      const answer = await within(work, limitMs);
      if (answer === null) return { kind: 'silent', reason: 'no answer in time' };
      this.#inFlight = null;
      return { kind: 'answered', ...answer };
    } catch (error) {
      this.#inFlight = null;
      if (session.broken !== null || sqlState(error) === ROLE_CHANGED) return 'again';
      return { kind: 'silent', reason: reasonOf(error) };
    }
  }

  async #readAll(
    session: Session,
    major: number,
  ): Promise<{ readonly row: MonitoringRow; readonly pendingRestart: readonly PendingRestart[] }> {
    const [raw] = await session.rows(monitoringQuery(major));
    const row = parseMonitoringRow(raw);
    let settings = this.#settings;
    if (settings === null || performance.now() - settings.readAt > SETTINGS_EVERY_MS) {
      const rows = await session.rows(SETTINGS_QUERY);
      const pendingRestart = parsePendingRestart(rows, { kind: row.kind, major }, isOnCommandLine);
      settings = { readAt: performance.now(), pendingRestart };
      this.#settings = settings;
    }
    return { row, pendingRestart: settings.pendingRestart };
  }
}
