import type { Observation, StoreObservation } from '../domain/observation.ts';
import type { AgentState } from './state.ts';

/** The one immutable value that a step decides on. */
export function observe(state: AgentState): Observation {
  return {
    now: state.now,
    wallNow: state.wallNow,
    config: state.config,
    dynamic: state.dynamic,
    timings: state.timings,
    effective: state.effective,
    store: storeObservation(state),
    postgres: state.postgres,
    postgresIsCurrent: state.postgres !== null && state.postgres.observedAt >= state.lookAfter,
    lease: state.lease,
    peers: state.peers,
    peersAskedAt: state.peersAskedAt,
    failsafe: state.failsafe,
    leaderHistory: state.leaderHistory,
    ownHistory: state.ownHistory,
    task: state.task,
  };
}

/** Read your own writes: a view older than my last write, or with a write still open, settles nothing. */
export function storeObservation(state: AgentState): StoreObservation {
  const { view, viewAt, storeSilent } = state;
  if (storeSilent !== null) return { kind: 'silent', view, since: storeSilent.since, reason: storeSilent.reason };
  if (view === null || viewAt === null) return { kind: 'unknown' };
  const why = unsettledBecause(state);
  return why === null
    ? { kind: 'settled', view, receivedAt: viewAt }
    : { kind: 'unsettled', view, receivedAt: viewAt, why };
}

function unsettledBecause(state: AgentState): string | null {
  if (state.perhapsWritten !== null)
    return `a view newer than a write that was perhaps applied (${state.perhapsWritten})`;
  const isBehind = state.ownRevision !== null && state.view !== null && state.view.revision < state.ownRevision;
  return isBehind ? 'the view that contains my last write' : null;
}
