import type { LeaseTruth } from '../checkers/lease-truth.ts';
import type { SimNode } from '../node/sim-node.ts';
import type { World } from '../world/world.ts';
import type { Excuses } from './excuses.ts';
import type { Target } from './fault.ts';

/** Where faults happen: the world, whom they hit, and what ends them. */
export type Scene = {
  readonly world: World;
  readonly excuses: Excuses;
  readonly pause: { readonly begin: (of: Target) => void; readonly end: () => void };
  /** Until when each node may lead, and by whose word. */
  readonly truth: LeaseTruth;
  /** A watchdog covers it at this moment. */
  readonly isWatched: (node: SimNode) => boolean;
  /** `undo` runs once: after `span`, or when all faults end. */
  readonly endsAfter: (span: number, undo: () => void) => void;
};

/** @returns `null` when nobody leads at the moment, or there is no node of that number. */
export function nodeAt(world: World, target: Target): SimNode | null {
  if (target !== 'leader') return world.nodes[target] ?? null;
  const holder = world.lockHolder();
  return holder === null ? null : world.node(holder);
}
