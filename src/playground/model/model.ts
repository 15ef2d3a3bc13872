import type { NodeAnswer, NodeReport } from '../../wire/rest/node-report.ts';
import { type NodeName, nodeNames } from '../names.ts';
import { type EventLine, eventLine } from './event-line.ts';
import type { Told } from './happening.ts';
import type { NodeCondition } from './node-condition.ts';
import { type Probe, probed, unprobed } from './probe.ts';

/** All that is known of a playground at one moment: what the view shows and what "healthy" is judged by. */
export interface Model {
  /** When it began, and the latest moment that anything happened; on the playground's clock. */
  readonly startedAt: number;
  readonly now: number;
  /** The beginning, in milliseconds since 1970. */
  readonly wallStartedAt: number;
  /** How long the lease is granted for. */
  readonly ttlMs: number;
  readonly nodes: readonly NodeModel[];
  readonly lease: Lease | null;
  readonly probe: Probe;
  /** Oldest first, bounded. */
  readonly events: readonly EventLine[];
  /** The last time that anything was done to the cluster. */
  readonly lastActionAt: number;
}

export interface NodeModel {
  readonly name: NodeName;
  readonly condition: NodeCondition;
  /** The last answer, and when it was asked for; `null`: there was none yet. */
  readonly answer: { readonly said: NodeAnswer; readonly askedAt: number } | null;
  /** Since when it does not answer; `null`: it does. */
  readonly silentSince: number | null;
}

/** As its holder last said. */
export interface Lease {
  readonly holder: NodeName;
  readonly deadline: number;
}

export function emptyModel({
  at,
  wallAt,
  ttlMs,
}: {
  readonly at: number;
  readonly wallAt: number;
  readonly ttlMs: number;
}): Model {
  return {
    startedAt: at,
    now: at,
    wallStartedAt: wallAt,
    ttlMs,
    nodes: nodeNames.map((name) => ({
      name,
      condition: { agent: 'gone', network: 'whole' },
      answer: null,
      silentSince: at,
    })),
    lease: null,
    probe: unprobed,
    events: [],
    lastActionAt: at,
  };
}

/** The model after one more happening. */
export function absorb(model: Model, told: Told): Model {
  const line = eventLine(told);
  const events = line === null ? model.events : [...model.events, line].slice(-EVENTS_MAX);
  const next = { ...model, now: Math.max(model.now, told.at), events };
  const { at, happening } = told;
  switch (happening.kind) {
    case 'looked': {
      const { node, report, askedAt, condition } = happening;
      const look = { at, askedAt, condition, report };
      const nodes = model.nodes.map((each) => (each.name === node ? looked(each, look) : each));
      return { ...next, nodes, lease: leaseAfter(model.lease, { node, report }) };
    }
    case 'did':
      return { ...next, lastActionAt: at };
    case 'wrote':
    case 'found-lost':
      return { ...next, probe: probed(model.probe, { at, happening }) };
    case 'said':
    case 'refused':
    case 'gap-ended':
    case 'healed':
    case 'not-healed':
    case 'note':
      return next;
  }
}

/** Enough for any screen. */
const EVENTS_MAX = 200;

function looked(
  node: NodeModel,
  look: {
    readonly at: number;
    readonly askedAt: number;
    readonly condition: NodeCondition;
    readonly report: NodeReport;
  },
): NodeModel {
  const { report, condition, askedAt } = look;
  return report.kind === 'answered'
    ? { ...node, condition, answer: { said: report, askedAt }, silentSince: null }
    : { ...node, condition, silentSince: node.silentSince ?? look.at };
}

/** A lease that nobody speaks of goes on running down. */
function leaseAfter(
  lease: Lease | null,
  { node, report }: { readonly node: NodeName; readonly report: NodeReport },
): Lease | null {
  if (report.kind === 'no-answer') return lease;
  if (report.lock.kind === 'held') return { holder: node, deadline: report.lock.deadline };
  return report.lock.kind === 'not-held' && lease?.holder === node ? null : lease;
}
