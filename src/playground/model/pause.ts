import type { Model } from './model.ts';

/** Does an agent that answers say that the cluster is paused? */
export function isPaused({ nodes }: Model): boolean {
  return nodes.some(({ answer, silentSince }) => silentSince === null && answer?.said.isPaused === true);
}
