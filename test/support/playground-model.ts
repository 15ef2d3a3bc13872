import { lsn } from '../../src/domain/lsn.ts';
import type { Happening } from '../../src/playground/model/happening.ts';
import { absorb, emptyModel, type Model } from '../../src/playground/model/model.ts';
import type { NodeCondition } from '../../src/playground/model/node-condition.ts';
import type { NodeName } from '../../src/playground/names.ts';
import type { NodeAnswer, NodeReport } from '../../src/wire/rest/node-report.ts';

/** A model that has seen what is told, with moments in milliseconds since it began. */
export class ModelStory {
  #model: Model = emptyModel({ at: BEGAN, wallAt: WALL_BEGAN, ttlMs: 5_000 });

  get model(): Model {
    return this.#model;
  }

  /** The model as it looks at a moment. */
  at(ms: number): Model {
    return { ...this.#model, now: BEGAN + ms };
  }

  tell(ms: number, happening: Happening): this {
    this.#model = absorb(this.#model, { at: BEGAN + ms, wallAt: WALL_BEGAN + ms, happening });
    return this;
  }

  /** `node` answers at `ms`; it was asked just then. */
  answers(ms: number, node: NodeName, answer: NodeAnswer, condition: NodeCondition = whole): this {
    return this.tell(ms, { ...looked(node, condition, { kind: 'answered', ...answer }), askedAt: BEGAN + ms });
  }

  isSilent(ms: number, node: NodeName, condition: NodeCondition): this {
    return this.tell(ms, { ...looked(node, condition, { kind: 'no-answer' }), askedAt: BEGAN + ms });
  }

  /** One write each ten milliseconds. */
  writes(node: NodeName, { from, to }: { readonly from: number; readonly to: number }): this {
    for (let ms = from; ms <= to; ms += 10) this.tell(ms, { kind: 'wrote', node });
    return this;
  }

  said(ms: number, node: NodeName, text: string): this {
    return this.tell(ms, { kind: 'said', node, line: { wallAt: WALL_BEGAN + ms, level: 'info', text } });
  }
}

const BEGAN = 1_000_000;
const WALL_BEGAN = Date.parse('2026-01-31T10:00:00Z');

export const whole: NodeCondition = { agent: 'running', network: 'whole' };

/** A primary whose lease lasts until `deadline` milliseconds after the beginning. */
export function primary(deadline: number, differing: Partial<NodeAnswer> = {}): NodeAnswer {
  return {
    role: 'primary',
    state: 'running',
    replication: null,
    timeline: 1,
    lsn: lsn(0x3025a60n),
    lock: { kind: 'held', deadline: BEGAN + deadline },
    doing: { rule: 'lead', action: 'stay', waitsFor: null },
    isPaused: false,
    ...differing,
  };
}

export function replica(differing: Partial<NodeAnswer> = {}): NodeAnswer {
  return {
    role: 'replica',
    state: 'running',
    replication: 'streaming',
    timeline: 1,
    lsn: lsn(0x3025a60n),
    lock: { kind: 'not-held' },
    doing: { rule: 'follow', action: 'stay', waitsFor: null },
    isPaused: false,
    ...differing,
  };
}

/** Three nodes that work, ten seconds after the beginning. */
export function healthyStory(): ModelStory {
  return new ModelStory()
    .said(1_100, 'node1', 'run bootstrap, by the rule create-cluster')
    .said(2_300, 'node1', 'stay, by the rule lead')
    .said(2_400, 'node2', 'run clone, by the rule copy-from-leader: leader=node1')
    .said(3_200, 'node3', 'stay, by the rule follow: leader=node1')
    .tell(4_400, { kind: 'healed', tookMs: 4_400 })
    .writes('node1', { from: 8_000, to: 10_000 })
    .answers(9_900, 'node1', primary(14_000))
    .answers(9_900, 'node2', replica())
    .answers(9_900, 'node3', replica({ lsn: lsn(0x3025000n) }));
}

function looked(node: NodeName, condition: NodeCondition, report: NodeReport): Extract<Happening, { kind: 'looked' }> {
  return { kind: 'looked', node, askedAt: 0, condition, report };
}
