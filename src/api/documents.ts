import { assertNever } from '../domain/invariant.ts';
import type { JsonObject } from '../domain/json.ts';
import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import type { Instant } from '../domain/time.ts';
import { clusterDocument } from '../wire/rest/cluster-document.ts';
import { decisionDocument } from '../wire/rest/decision-document.ts';
import { isHealthy } from '../wire/rest/health-check.ts';
import { historyDocument } from '../wire/rest/history-document.ts';
import { isAlive } from '../wire/rest/liveness.ts';
import { lookedAgoHeader } from '../wire/rest/looked-ago.ts';
import { nodeFacts } from '../wire/rest/node-facts.ts';
import { nodeStatus, nodeStatusBeforeFirstStep } from '../wire/rest/node-status.ts';
import { parseQuery } from '../wire/rest/query.ts';
import { isReady } from '../wire/rest/readiness.ts';
import { renderSpacedJson } from '../wire/rest/spaced-json.ts';
import type { Reply } from './reply.ts';
import type { DocumentName } from './route.ts';

/** What every answer is made from: memory only, so that none of them waits for PostgreSQL or the store. */
export type Asked = { readonly snapshot: NodeSnapshot | null; readonly now: Instant; readonly query: string };

/** A health check; `status-only` for the methods that want no body. */
export function healthReply(path: string, shape: 'with-document' | 'status-only', asked: Asked): Reply {
  const { snapshot, now } = asked;
  const facts = snapshot === null ? null : nodeFacts(snapshot, now);
  const status = isHealthy({ path, query: parseQuery(asked.query) }, facts) ? 200 : 503;
  if (shape === 'status-only') return { kind: 'status-only', status };
  const document = snapshot === null || facts === null ? nodeStatusBeforeFirstStep() : nodeStatus(snapshot, facts);
  return json(status, document);
}

/** A document by its own name. Before the first step each of them is 503: nothing is known yet. */
export function documentReply(name: DocumentName, asked: Asked): Reply {
  const { snapshot, now } = asked;
  if (snapshot === null) return beforeFirstStep(name);
  switch (name) {
    case 'patroni':
      return { ...json(200, nodeStatus(snapshot, nodeFacts(snapshot, now))), headers: lookedAgoHeader(snapshot, now) };
    case 'liveness':
      return { kind: 'status-only', status: isAlive(snapshot, now) ? 200 : 503 };
    case 'readiness': {
      const isFit = isReady(nodeFacts(snapshot, now), snapshot, parseQuery(asked.query));
      return { kind: 'status-only', status: isFit ? 200 : 503 };
    }
    case 'decision':
      return json(200, decisionDocument(snapshot, now));
    case 'failsafe':
      return failsafeReply(snapshot);
    case 'cluster':
    case 'history':
    case 'config':
      return storedReply(name, snapshot, now);
    default:
      return assertNever(name);
  }
}

/** The last list that was seen, also while the store does not answer: that is what it is for. */
function failsafeReply({ observation }: NodeSnapshot): Reply {
  const { dynamic, store } = observation;
  const view = store.kind === 'unknown' || !dynamic.failsafeMode ? null : store.view;
  const members = view?.failsafe ?? null;
  return members === null
    ? { kind: 'page', status: 502, text: 'failsafe mode is off, or no member was listed yet' }
    : json(200, Object.fromEntries(members));
}

/** What the store holds, as the watch last showed it. */
function storedReply(name: 'cluster' | 'history' | 'config', snapshot: NodeSnapshot, now: Instant): Reply {
  const { view } = nodeFacts(snapshot, now);
  if (view === null) return { kind: 'page', status: 503, text: 'the store does not answer' };
  switch (name) {
    case 'cluster':
      return json(200, clusterDocument(view, snapshot.observation.config.scope));
    case 'history':
      return { kind: 'json', status: 200, body: renderSpacedJson(historyDocument(view.history)) };
    case 'config':
      return view.config.kind === 'valid'
        ? json(200, view.config.config.document)
        : { kind: 'page', status: 502, text: 'the config key is missing or not a JSON object' };
  }
}

function beforeFirstStep(name: DocumentName): Reply {
  if (name === 'liveness' || name === 'readiness') return { kind: 'status-only', status: 503 };
  return json(503, nodeStatusBeforeFirstStep());
}

function json(status: number, document: JsonObject): Extract<Reply, { kind: 'json' }> {
  return { kind: 'json', status, body: renderSpacedJson(document) };
}
