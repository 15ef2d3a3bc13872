import type { Action } from '../../domain/decision.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { LeaseReport } from '../../domain/lease.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import type { StoreObservation } from '../../domain/observation.ts';
import type { RunningTask } from '../../domain/task.ts';
import { between, type Instant } from '../../domain/time.ts';
import { isoTime } from '../../domain/time-text.ts';
import { roleHistoryDocument } from './role-history-document.ts';

/**
 * The body of `GET /decision`: what this member does now, by which rule, on which facts, what it refused and what it
 * waits for. Ours; Patroni has nothing like it. Never the content of files or keys: those may hold secrets.
 */
export function decisionDocument(snapshot: NodeSnapshot, now: Instant): JsonObject {
  const { decision, observation } = snapshot;
  return {
    member: observation.config.name,
    scope: observation.config.scope,
    rule: decision.rule,
    action: actionDocument(decision.action),
    waits_for: waitsFor(decision.action, observation.task),
    facts: decision.facts,
    refused: decision.refused.map(({ alternative, because }) => ({ alternative, because })),
    since: isoTime(snapshot.decidedAt),
    ...roleHistoryDocument(snapshot.memory),
    lock: lockDocument(observation.lease, now),
    store: storeDocument(observation.store, now),
    task: observation.task === null ? null : taskDocument(observation.task, now),
    next_step_in_ms: between(now, snapshot.nextStepDue),
  };
}

function actionDocument(action: Action): JsonObject {
  switch (action.kind) {
    case 'wait':
      return { kind: action.kind, for: action.for };
    case 'ask-peers':
      return { kind: action.kind, members: action.members };
    case 'ask-failsafe':
      return { kind: action.kind, members: [...action.members.keys()] };
    case 'ask-history':
      return { kind: action.kind, member: action.upstream.member };
    case 'run':
      return { kind: action.kind, task: action.task.kind };
    case 'cancel-task':
      return { kind: action.kind, why: action.why };
    case 'write':
      return { kind: action.kind, key: action.write.key, does: action.write.action.kind };
    case 'disarm-guardian':
      return { kind: action.kind, evidence: action.evidence };
    case 'exit':
      return { kind: action.kind, code: action.code, message: action.message };
    case 'stay':
    case 'extend-by-members':
    case 'acquire-lock':
    case 'adopt-lock':
    case 'release-lock':
    case 'reconfigure':
      return { kind: action.kind };
  }
}

/** In words; `null` when nothing is missing. */
function waitsFor(action: Action, task: RunningTask | null): Json {
  switch (action.kind) {
    case 'wait':
      return action.for;
    case 'ask-peers':
      return `answers of ${action.members.join(', ')}`;
    case 'ask-failsafe':
      return `the word of ${[...action.members.keys()].join(', ')}`;
    case 'ask-history':
      return `the timeline history of ${action.upstream.member}`;
    case 'run':
    case 'cancel-task':
    case 'stay':
    case 'extend-by-members':
    case 'acquire-lock':
    case 'adopt-lock':
    case 'release-lock':
    case 'disarm-guardian':
    case 'reconfigure':
    case 'write':
    case 'exit':
      return task === null ? null : `the end of ${task.task.kind}`;
  }
}

function lockDocument(lease: LeaseReport | null, now: Instant): JsonObject {
  if (lease === null) return { kind: 'unknown' };
  const { lock, guardian, storeTrouble } = lease;
  const around = { guardian, store_trouble: storeTrouble };
  switch (lock.kind) {
    case 'not-held':
      return { kind: 'not-held', ...around };
    case 'held':
      return { kind: 'held', deadline_in_ms: between(now, lock.deadline), ...around };
    case 'doubtful':
      return { kind: 'doubtful', deadline_in_ms: between(now, lock.deadline), why: lock.why, ...around };
  }
}

function storeDocument(store: StoreObservation, now: Instant): JsonObject {
  switch (store.kind) {
    case 'unknown':
      return { kind: 'unknown' };
    case 'settled':
      return { kind: 'settled', revision: store.view.revision };
    case 'unsettled':
      return { kind: 'unsettled', revision: store.view.revision, why: store.why };
    case 'silent':
      return { kind: 'silent', for_ms: between(store.since, now), reason: store.reason };
  }
}

function taskDocument(task: RunningTask, now: Instant): JsonObject {
  return {
    kind: task.task.kind,
    running_ms: between(task.since, now),
    note: task.note,
    cancelling: task.cancelling,
  };
}
