import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import type { Instant } from '../domain/time.ts';
import { momentaryFacts, type NodeFacts, nodeFacts } from '../wire/rest/node-facts.ts';
import { nodeStatus, nodeStatusBeforeFirstStep } from '../wire/rest/node-status.ts';
import { renderSpacedJson } from '../wire/rest/spaced-json.ts';

/** What status answers say and are judged by; `null` facts: the agent has not made a step yet. */
export type StatusPage = { readonly facts: NodeFacts | null; readonly body: Buffer };

/**
 * Status answers are asked far more often than anything changes: what was rendered last is kept until the agent makes
 * another step, or until a lease or a promise ends by itself.
 */
export function createStatusPages(): (snapshot: NodeSnapshot | null, now: Instant) => StatusPage {
  let last: { readonly of: NodeSnapshot; readonly facts: NodeFacts; readonly body: Buffer } | null = null;
  return (snapshot, now) => {
    if (snapshot === null) return { facts: null, body: beforeFirstStep };
    if (last === null || last.of !== snapshot || !isStillSo(last.facts, snapshot, now)) {
      const facts = nodeFacts(snapshot, now);
      last = { of: snapshot, facts, body: Buffer.from(renderSpacedJson(nodeStatus(snapshot, facts))) };
    }
    return last;
  };
}

const beforeFirstStep = Buffer.from(renderSpacedJson(nodeStatusBeforeFirstStep()));

function isStillSo(facts: NodeFacts, snapshot: NodeSnapshot, now: Instant): boolean {
  const { lock, failsafeActive, unpromised } = momentaryFacts(snapshot, now);
  return facts.lock === lock && facts.failsafeActive === failsafeActive && facts.unpromised === unpromised;
}
