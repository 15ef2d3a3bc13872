import { assertNever } from '../../domain/invariant.ts';
import { storeKey } from '../../domain/names.ts';
import type { RestartRequest } from '../../domain/requests.ts';
import { wallTime } from '../../domain/time.ts';
import type { SimNode } from '../node/sim-node.ts';
import { EPOCH } from '../world/host-clock.ts';
import type { World } from '../world/world.ts';
import { ask, patch } from './ask-member.ts';
import type { Candidate, OperatorAct } from './fault.ts';
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
    case 'restart':
      ask(world, act.of, restart(null));
      return;
    case 'schedule-restart': {
      const at = wallTime(EPOCH + world.kernel.now + act.ahead);
      ask(world, act.of, restart({ at, text: new Date(at).toISOString() }));
      return;
    }
    case 'cancel-restart':
      ask(world, act.of, { kind: 'cancel-restart' });
      return;
    case 'reinitialize':
      ask(world, act.of, { kind: 'reinitialize', force: act.force, fromLeader: false });
      return;
    case 'change-timings': {
      const { ttl, loopWait, retryTimeout } = act;
      ask(world, act.of, patch({ ttl, loop_wait: loopWait, retry_timeout: retryTimeout }));
      return;
    }
    case 'change-sync-mode': {
      const { mode, strict, nodeCount } = act;
      ask(
        world,
        act.of,
        patch({
          synchronous_mode: mode === 'quorum' ? mode : mode === 'on',
          synchronous_mode_strict: strict,
          synchronous_node_count: nodeCount,
        }),
      );
      return;
    }
    case 'set-sync-names':
      ask(world, act.of, patch({ postgresql: { parameters: { synchronous_standby_names: act.names } } }));
      return;
    case 'pause-cluster':
      scene.pause.begin(act.of);
      scene.endsAfter(act.span, () => scene.pause.end());
      return;
    case 'delete-lock-by-hand':
      world.emit({ kind: 'lock-deleted-by-hand', holder: world.lockHolder() });
      world.store.write({ key: storeKey('leader'), action: { kind: 'delete' }, when: [] });
      return;
    default:
      assertNever(act);
  }
}

function restart(schedule: RestartRequest['schedule']): RestartRequest {
  const filters = { role: null, olderThan: null, restartPending: null };
  return { kind: 'restart', filters, timeout: null, schedule };
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
