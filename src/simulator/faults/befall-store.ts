import { assertNever } from '../../domain/invariant.ts';
import type { StoreMember } from '../store/leadership.ts';
import type { StoreFault } from './fault.ts';
import { restoreStore } from './restore-store.ts';
import type { Scene } from './scene.ts';

/** What befalls the store: its members, its leader, its answers. */
export function befallStore(scene: Scene, fault: StoreFault): void {
  const { store, kernel } = scene.world;
  const { leadership } = store;
  const stream = kernel.random('store faults');
  switch (fault.kind) {
    case 'stop-store-member': {
      const member = stream.chance(0.5) ? leadership.leader : stream.pick(leadership.members);
      if (member !== null && member !== undefined) stopMembers(scene, [member], fault.span);
      return;
    }
    case 'freeze-store-member': {
      const member = stream.chance(0.5) ? leadership.leader : stream.pick(leadership.members);
      if (member === null || member === undefined) return;
      leadership.freeze(member);
      scene.endsAfter(fault.span, () => leadership.thaw(member));
      return;
    }
    case 'split-store-leader':
      splitLeader(scene, fault.span);
      return;
    case 'stick-store-leader': {
      const { leader } = leadership;
      if (leader === null) return;
      leadership.stick(leader);
      scene.endsAfter(fault.span, () => leadership.unstick(leader));
      return;
    }
    case 'store-outage':
      stopMembers(scene, leadership.members, fault.span);
      return;
    case 'move-store-leader': {
      const next = stream.pick(leadership.members.filter((member) => member !== leadership.leader));
      if (next !== undefined) leadership.moveTo(next);
      return;
    }
    case 'compact-store':
      store.keys.compact();
      return;
    case 'lost-replies':
      scene.endsAfter(fault.span, store.suffers({ replyLoss: fault.probability }));
      return;
    case 'lost-requests':
      scene.endsAfter(fault.span, store.suffers({ requestLoss: fault.probability }));
      return;
    case 'slow-store':
      scene.endsAfter(fault.span, store.suffers({ extraCommitMs: fault.extraMs }));
      return;
    case 'late-replies':
      scene.endsAfter(fault.span, store.suffers({ extraReplyMs: fault.extraMs }));
      return;
    case 'late-watches':
      scene.endsAfter(fault.span, store.suffers({ watchDelayMs: fault.extraMs }));
      return;
    case 'hung-watches': {
      const member = stream.pick(leadership.members);
      if (member !== undefined) scene.endsAfter(fault.span, store.suffers({ hungWatches: [member] }));
      return;
    }
    case 'restore-store':
      restoreStore(scene, fault.span);
      return;
    case 'store-refuses':
      scene.endsAfter(fault.span, store.suffers({ refusing: 'authentication failed' }));
      return;
    case 'fill-store':
      scene.endsAfter(fault.span, store.suffers({ fullSince: kernel.now }));
      return;
    default:
      assertNever(fault);
  }
}

function stopMembers(scene: Scene, members: readonly StoreMember[], span: number): void {
  const { leadership } = scene.world.store;
  for (const member of members) leadership.stop(member);
  scene.endsAfter(span, () => {
    for (const member of members) leadership.restart(member);
  });
}

/** Its clients still reach it: it answers keep-alives for a while, and confirms nothing. */
function splitLeader(scene: Scene, span: number): void {
  const { network, store } = scene.world;
  const { leader, members } = store.leadership;
  if (leader === null) return;
  const paths = members
    .filter((member) => member.place !== leader.place)
    .flatMap((member) => [
      { from: leader.place, to: member.place },
      { from: member.place, to: leader.place },
    ]);
  network.cut(paths);
  scene.endsAfter(span, () => network.heal(paths));
}
