import { millis } from '../../domain/time.ts';
import { type NodeReport, readReport } from '../../wire/rest/node-report.ts';
import type { Tell } from '../model/happening.ts';
import type { NodeCondition } from '../model/node-condition.ts';
import type { NodeOnStage } from '../stage/layout.ts';
import type { World } from '../world.ts';
import { ask } from './http.ts';

/** Look at one node again and again, and tell what it says, until `isOver`. */
export async function watchNode(
  node: NodeOnStage,
  {
    world,
    tell,
    conditionOf,
    isOver,
  }: {
    readonly world: World;
    readonly tell: Tell;
    readonly conditionOf: () => NodeCondition;
    readonly isOver: () => boolean;
  },
): Promise<void> {
  while (!isOver()) {
    const askedAt = world.now();
    const condition = conditionOf();
    const [status, decision] = await Promise.all(['/patroni', '/decision'].map((path) => bodyOf(node, path)));
    const report = reportOf({ status: status ?? null, decision: decision ?? null, askedAt });
    tell({ kind: 'looked', node: node.name, askedAt, condition, report });
    await world.sleep(millis(EVERY_MS));
  }
}

/** All agents here explain themselves, so half an answer is none. */
function reportOf(bodies: Parameters<typeof readReport>[0]): NodeReport {
  return bodies.decision === null ? { kind: 'no-answer' } : readReport(bodies);
}

/** Often enough that a lease of 5 s runs down smoothly, seldom enough that nobody hears the fan. */
const EVERY_MS = 250;
const ANSWER_WITHIN_MS = 1_000;

async function bodyOf({ ports }: NodeOnStage, path: string): Promise<string | null> {
  return (await ask(ports.api, { method: 'GET', path, withinMs: ANSWER_WITHIN_MS }))?.text ?? null;
}
