import type { ClusterView } from '../domain/cluster-view.ts';
import { assertNever } from '../domain/invariant.ts';
import type { JsonObject } from '../domain/json.ts';
import type { MeterReadings } from '../domain/meter-readings.ts';
import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import type { Instant } from '../domain/time.ts';
import type { EventHistory } from '../ports/event-history.ts';
import { clusterDocument } from '../wire/rest/cluster-document.ts';
import { decisionDocument } from '../wire/rest/decision-document.ts';
import { eventsDocument } from '../wire/rest/events-document.ts';
import { isHealthy } from '../wire/rest/health-check.ts';
import { historyDocument } from '../wire/rest/history-document.ts';
import { isAlive } from '../wire/rest/liveness.ts';
import { metricsText } from '../wire/rest/metrics/metrics-text.ts';
import { peerHeaders } from '../wire/rest/peer-headers.ts';
import { parseQuery } from '../wire/rest/query.ts';
import { isReady } from '../wire/rest/readiness.ts';
import { renderSpacedJson } from '../wire/rest/spaced-json.ts';
import { openApiDocument } from './openapi/openapi-document.ts';
import type { Reply } from './reply.ts';
import type { DocumentName } from './route.ts';
import type { StatusPage } from './status-page.ts';

/** What every answer is made from: memory only, so that none of them waits for PostgreSQL or the store. */
export type Asked = {
  readonly snapshot: NodeSnapshot | null;
  readonly now: Instant;
  readonly query: string;
  readonly page: StatusPage;
};

/** What is told besides the agent's own snapshot. */
export type Sources = {
  readonly meters: () => MeterReadings;
  readonly events: EventHistory;
};

/** A health check; `status-only` for the methods that want no body. */
export function healthReply(path: string, shape: 'with-document' | 'status-only', asked: Asked): Reply {
  const { facts, body } = asked.page;
  const status = isHealthy({ path, query: parseQuery(asked.query) }, facts) ? 200 : 503;
  return shape === 'status-only' ? { kind: 'status-only', status } : { kind: 'json', status, body };
}

/** A document by its own name. Before the first step nothing is known yet of most of them, and they are 503. */
export function documentReply(name: DocumentName, asked: Asked, sources: Sources): Reply {
  const { snapshot, now, page } = asked;
  if (name === 'openapi.json') return json(200, openApiDocument());
  if (name === 'events') return eventsReply(sources.events, asked.query);
  if (snapshot === null || page.facts === null) return beforeFirstStep(name, page);
  switch (name) {
    case 'patroni':
      return { kind: 'json', status: 200, body: page.body, headers: peerHeaders(snapshot, now) };
    case 'liveness':
      return { kind: 'status-only', status: isAlive(snapshot, now) ? 200 : 503 };
    case 'readiness': {
      const isFit = isReady(page.facts, snapshot, parseQuery(asked.query));
      return { kind: 'status-only', status: isFit ? 200 : 503 };
    }
    case 'metrics':
      return { kind: 'metrics', body: metricsText({ snapshot, facts: page.facts, readings: sources.meters(), now }) };
    case 'decision':
      return json(200, decisionDocument(snapshot, now));
    case 'failsafe':
      return failsafeReply(snapshot);
    case 'cluster':
    case 'history':
    case 'config':
      return storedReply(name, snapshot, page.facts.view);
    default:
      return assertNever(name);
  }
}

/** The newest, in the order in which they happened; a limit that cannot be read asks for all that are kept. */
function eventsReply(events: EventHistory, query: string): Reply {
  const asked = parseQuery(query).get('limit');
  const limit = asked !== undefined && /^\d{1,9}$/.test(asked) ? Number(asked) : null;
  return json(200, eventsDocument(events.newest(limit)));
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
function storedReply(
  name: 'cluster' | 'history' | 'config',
  { observation }: NodeSnapshot,
  view: ClusterView | null,
): Reply {
  if (view === null) return { kind: 'page', status: 503, text: 'the store does not answer' };
  switch (name) {
    case 'cluster':
      return json(200, clusterDocument(view, observation.config.scope));
    case 'history':
      return { kind: 'json', status: 200, body: renderSpacedJson(historyDocument(view.history)) };
    case 'config':
      return view.config.kind === 'valid'
        ? json(200, view.config.config.document)
        : { kind: 'page', status: 502, text: 'the config key is missing or not a JSON object' };
  }
}

function beforeFirstStep(name: DocumentName, { body }: StatusPage): Reply {
  if (name === 'liveness' || name === 'readiness') return { kind: 'status-only', status: 503 };
  return { kind: 'json', status: 503, body };
}

function json(status: number, document: JsonObject): Reply {
  return { kind: 'json', status, body: renderSpacedJson(document) };
}
