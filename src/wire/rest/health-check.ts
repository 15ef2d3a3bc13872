import type { Json } from '../../domain/json.ts';
import { isTruthy } from '../../domain/tags.ts';
import { textForm } from '../../domain/text-form.ts';
import { parseLagLimit } from './lag-limit.ts';
import type { NodeFacts } from './node-facts.ts';

export type HealthQuestion = {
  /** As it came, without the query; not decoded. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
};

/** What a load balancer is told. `null` facts: before the first step nothing is healthy. */
export function isHealthy(question: HealthQuestion, facts: NodeFacts | null): boolean {
  if (facts === null) return false;
  const rule = ruleFor(question.path, facts);
  if (!rule.answer(facts, question.query)) return false;
  return rule.tags === 'ignored' || tagsMatch(question.query, facts);
}

type Rule = { readonly answer: Answer; readonly tags: 'checked' | 'ignored' };
type Answer = (facts: NodeFacts, query: ReadonlyMap<string, string>) => boolean;

/**
 * The first line that matches decides, most of them by a substring of the whole path: `/x/primary/y` asks for the primary
 * (spec/rest-api.md 7.2).
 */
function ruleFor(path: string, facts: NodeFacts): Rule {
  const has = (part: string): boolean => path.includes(part);
  if (has('standby_leader') || has('standby-leader')) return { answer: isStandbyLeader, tags: 'ignored' };
  if (has('leader')) return { answer: isLeader, tags: 'ignored' };
  if (path === '/' || has('master') || has('primary') || has('read-write'))
    return { answer: isPrimary, tags: 'ignored' };
  if (has('replica')) return { answer: isReplica, tags: 'checked' };
  if (has('read-only') && !has('sync') && !has('quorum')) return { answer: leaderOr(isReplica), tags: 'checked' };
  if (has('health')) return { answer: ({ state }) => state === 'running', tags: 'checked' };
  // From here on the sync key decides, and without a view nobody knows it.
  const answer = facts.view === null ? undefined : synchronousAnswers[path];
  return { answer: answer ?? (() => false), tags: 'checked' };
}

/** Lock held; while paused without a view, whoever is the primary. PostgreSQL itself is not looked at. */
const isPrimary: Answer = (facts) =>
  leadsBlindly(facts) ? facts.role === 'primary' : facts.lock === 'held' && !facts.standbyCluster;

const isStandbyLeader: Answer = (facts) => {
  if (leadsBlindly(facts)) return facts.role === 'standby_leader';
  return facts.lock === 'held' && facts.standbyCluster && (facts.role === 'replica' || facts.role === 'standby_leader');
};

const isLeader: Answer = (facts) =>
  leadsBlindly(facts) ? facts.role === 'primary' || facts.role === 'standby_leader' : facts.lock === 'held';

const isReplica: Answer = (facts, query) => {
  if (facts.lock === 'held' && facts.standbyCluster) return false;
  if (isTruthy(facts.tags['noloadbalance'])) return false;
  if (facts.role !== 'replica' || facts.state !== 'running') return false;
  const wanted = query.get('replication_state');
  return (wanted === undefined || wanted === facts.replicationState) && !isLagging(facts, query.get('lag'));
};

const isSyncStandby: Answer = (facts, query) => facts.synchronous === 'sync' && isReplica(facts, query);
const isQuorumStandby: Answer = (facts, query) => facts.synchronous === 'quorum' && isReplica(facts, query);
const isAsyncReplica: Answer = (facts, query) => facts.synchronous === 'no' && isReplica(facts, query);

/** Exact paths: `/sync/` is nothing. */
const synchronousAnswers: Readonly<Record<string, Answer>> = {
  '/sync': isSyncStandby,
  '/synchronous': isSyncStandby,
  '/quorum': isQuorumStandby,
  '/async': isAsyncReplica,
  '/asynchronous': isAsyncReplica,
  '/read-only-quorum': leaderOr(isQuorumStandby),
  '/read-only-sync': leaderOr(isSyncStandby),
  '/read-only-synchronous': leaderOr(isSyncStandby),
};

function leaderOr(answer: Answer): Answer {
  return (facts, query) => isPrimary(facts, query) || isStandbyLeader(facts, query) || answer(facts, query);
}

/** Nobody touches the cluster in pause, so a node whose store is gone stays what it is. */
function leadsBlindly(facts: NodeFacts): boolean {
  return facts.view === null && facts.paused;
}

/** Judged by what is replayed. Unknown leader: nobody is behind it. Unknown own position: behind any leader. */
function isLagging(facts: NodeFacts, text: string | undefined): boolean {
  const limit = text === undefined ? null : parseLagLimit(text);
  if (limit === null || facts.leaderLsn === null || facts.leaderLsn === 0n) return false;
  return facts.replayedLsn === null || facts.leaderLsn > facts.replayedLsn + limit;
}

function tagsMatch(query: ReadonlyMap<string, string>, facts: NodeFacts): boolean {
  return [...query]
    .filter(([name]) => name.startsWith('tag_'))
    .every(([name, wanted]) => wanted === tagText(ownTag(facts.tags, name.slice('tag_'.length))));
}

/** Every object has a `constructor`; no member has such a tag by that. */
function ownTag(tags: NodeFacts['tags'], name: string): Json | undefined {
  return Object.hasOwn(tags, name) ? tags[name] : undefined;
}

/** Text as it is; anything else as text in lower case: `true`, `1.4`. `null`: equals nothing that was asked. */
function tagText(tag: Json | undefined): string | null {
  if (tag === undefined || tag === null) return null;
  return typeof tag === 'string' ? tag : textForm(tag).toLowerCase();
}
