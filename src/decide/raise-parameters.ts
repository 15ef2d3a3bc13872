import type { Decision } from '../domain/decision.ts';
import type { Upstream } from '../domain/desired-postgres.ts';
import type { Observation } from '../domain/observation.ts';
import { run } from './conclude.ts';
import { desiredStandby } from './desired-postgres.ts';
import { whileStarting } from './remote-source.ts';

/**
 * Does replay wait for parameters that the primary has more of? From PostgreSQL 14 on a standby whose primary was started
 * with more connections, say, than it has itself stops to replay, goes on receiving, and cannot be promoted. A start
 * takes up what pg_control says it needs (spec/postgres.md 6.8), so a restart is all it takes; versions before end by
 * themselves, and are started like that.
 */
export function raiseParameters(o: Observation, upstream: Upstream | null): Decision | null {
  const server = o.postgres?.server;
  if (server?.kind !== 'standby' || server.insufficient === undefined) return null;
  const desired = desiredStandby(o, whileStarting(o, upstream));
  const task = { kind: 'restart', desired, timeout: o.effective.startTimeout } as const;
  return run('raise-parameters', task, { parameters: server.insufficient.join(', ') });
}

/** What was not compared follows nobody, and may have to replay first what it was started with too little for. */
export function raiseUntilCompared(o: Observation, unproven: Decision): Decision {
  const raised = unproven.action.kind === 'wait' ? raiseParameters(o, null) : null;
  return raised ?? unproven;
}
