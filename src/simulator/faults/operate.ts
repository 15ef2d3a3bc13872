import { assertNever } from '../../domain/invariant.ts';
import { memberName, storeKey } from '../../domain/names.ts';
import type { OperatorAct } from './fault.ts';
import { nodeAt, type Scene } from './scene.ts';

/** What an operator does, at whatever moment. */
export function operate(scene: Scene, act: OperatorAct): void {
  switch (act.kind) {
    case 'switchover':
      switchover(scene, act);
      return;
    case 'delete-lock-by-hand':
      deleteLock(scene);
      return;
    default:
      assertNever(act);
  }
}

function switchover(scene: Scene, act: Extract<OperatorAct, { readonly kind: 'switchover' }>): void {
  const { world } = scene;
  const { candidate } = act;
  const leader = world.leader();
  const named = candidate === 'any' ? null : (nodeAt(world, candidate)?.place ?? null);
  if (leader === null || named === leader.place) return;
  const request = {
    kind: 'switchover',
    leader: memberName(leader.place),
    candidate: named,
    scheduledAt: null,
  } as const;
  leader.agent.request(request, (answer) => {
    world.kernel.note('operator', () => `switchover: ${JSON.stringify(answer)}`);
  });
}

function deleteLock({ world }: Scene): void {
  world.emit({ kind: 'lock-deleted-by-hand', holder: world.lockHolder() });
  world.store.write({ key: storeKey('leader'), action: { kind: 'delete' }, when: [] }, null);
}
