import { assertNever } from '../../domain/invariant.ts';
import { storeKey } from '../../domain/names.ts';
import type { AgentRequest, RequestAnswer } from '../../domain/requests.ts';
import type { SimNode } from '../node/sim-node.ts';
import { EPOCH } from '../world/host-clock.ts';
import type { World } from '../world/world.ts';
import { isPaused } from './cluster-pause.ts';
import type { Candidate, OperatorAct, Target } from './fault.ts';
import { nodeAt, type Scene } from './scene.ts';

/** What an operator does, at whatever moment; most of it through one member's REST API, as `patronictl` does. */
export function operate(scene: Scene, act: OperatorAct): void {
  const { world } = scene;
  switch (act.kind) {
    case 'switchover': {
      const leader = leaderAsSaid(world, act.from);
      ask(world, act.of, { kind: 'switchover', leader, candidate: named(world, act.candidate), scheduledAt: null });
      return;
    }
    case 'schedule-switchover': {
      const scheduledAt = new Date(EPOCH + world.kernel.now + act.ahead).toISOString();
      const leader = leaderAsSaid(world, 'leader');
      ask(world, act.of, { kind: 'switchover', leader, candidate: named(world, act.candidate), scheduledAt });
      return;
    }
    case 'cancel-switchover':
      ask(world, act.of, { kind: 'cancel-switchover' });
      return;
    case 'failover':
      ask(world, act.of, { kind: 'failover', leader: null, candidate: named(world, act.candidate), scheduledAt: null });
      return;
    case 'change-timings': {
      const { ttl, loopWait, retryTimeout } = act;
      ask(world, act.of, patch({ ttl, loop_wait: loopWait, retry_timeout: retryTimeout }));
      return;
    }
    case 'pause-cluster':
      ask(world, act.of, patch({ pause: true }));
      scene.endsAfter(act.span, () => resume(world));
      return;
    case 'delete-lock-by-hand':
      world.emit({ kind: 'lock-deleted-by-hand', holder: world.lockHolder() });
      world.store.write({ key: storeKey('leader'), action: { kind: 'delete' }, when: [] }, null);
      return;
    default:
      assertNever(act);
  }
}

/**
 * Whoever ends a pause looks first (docs/faults.md): a server that takes writes without being the leader is shut down by
 * hand. Asked again, of one member after the other, until the store says that the pause is over.
 */
function resume(world: World, attempt = 0): void {
  if (!isPaused(world)) return;
  const writers = world.nodes.filter((node) => node.postgres.hasWriters);
  const keeps = world.leader() ?? writers[0];
  for (const node of writers) if (node !== keeps) node.postgres.killEverything();
  ask(world, attempt % world.nodes.length, patch({ pause: null }));
  world.kernel.after(ASK_AGAIN_MS, null, 'operator resumes', () => resume(world, attempt + 1));
}

function ask(world: World, of: Target, request: AgentRequest): void {
  const node = nodeAt(world, of);
  const { kernel } = world;
  if (node === null || !node.isOn) return;
  kernel.note('operator', () => `asks ${node.place}: ${JSON.stringify(request)}`);
  node.agent.request(request, (answer: RequestAnswer) => {
    kernel.note('operator', () => `${node.place} answers to ${request.kind}: ${JSON.stringify(answer)}`);
  });
}

function patch(change: Extract<AgentRequest, { readonly kind: 'patch-config' }>['patch']): AgentRequest {
  return { kind: 'patch-config', patch: change };
}

function leaderAsSaid(world: World, said: 'leader' | 'another' | 'nobody'): string | null {
  if (said === 'nobody') return null;
  const leader = world.lockHolder();
  return said === 'leader' ? leader : otherThan(world, leader);
}

function otherThan(world: World, place: string | null): string | null {
  return world.nodes.find((node: SimNode) => node.place !== place)?.place ?? null;
}

function named(world: World, candidate: Candidate): string | null {
  if (candidate === 'any') return null;
  return candidate === 'stranger' ? 'nobody-knows-me' : (nodeAt(world, candidate)?.place ?? null);
}

const ASK_AGAIN_MS = 1000;
