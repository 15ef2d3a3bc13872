import type { AgentRequest, RequestAnswer } from '../../domain/requests.ts';
import type { World } from '../world/world.ts';
import type { Target } from './fault.ts';
import { nodeAt } from './scene.ts';

/** An operator asks one member's REST API, as `patronictl` does; a member that is not there does not answer. */
export function ask(world: World, of: Target, request: AgentRequest): void {
  const node = nodeAt(world, of);
  const { kernel } = world;
  if (node === null || !node.isOn) return;
  kernel.note('operator', () => `asks ${node.place}: ${JSON.stringify(request)}`);
  node.agent.request(request, (answer: RequestAnswer) => {
    if (request.kind === 'reinitialize' && answer.kind === 'text' && answer.status === 200)
      world.emit({ kind: 'copy-ordered', host: node.place });
    kernel.note('operator', () => `${node.place} answers to ${request.kind}: ${JSON.stringify(answer)}`);
  });
}

export function patch(change: Extract<AgentRequest, { readonly kind: 'patch-config' }>['patch']): AgentRequest {
  return { kind: 'patch-config', patch: change };
}
