import { assertNever } from '../../domain/invariant.ts';
import type { SimNode } from '../node/sim-node.ts';
import type { Path } from '../world/network.ts';
import type { NodeFault } from './fault.ts';
import type { Scene } from './scene.ts';

/** What befalls one host: its processes, its PostgreSQL, its power, its network. */
export function befallNode(scene: Scene, fault: NodeFault, node: SimNode): void {
  const { agent, postgres } = node;
  switch (fault.kind) {
    case 'freeze-agent':
      agent.freeze();
      scene.endsAfter(fault.span, () => node.thaw('agent'));
      return;
    case 'stall-agent':
      agent.actor.freeze();
      scene.endsAfter(fault.span, () => node.thaw('main thread'));
      return;
    case 'freeze-guardian':
      agent.guardian.actor.freeze();
      scene.endsAfter(fault.span, () => node.thaw('guardian'));
      return;
    case 'kill-agent':
      agent.kill();
      scene.endsAfter(fault.span, () => node.startAgent());
      return;
    case 'stop-agent':
      agent.askToStop();
      scene.endsAfter(fault.span, () => node.startAgent());
      return;
    case 'restart-with-file': {
      const putBack = agent.edit(fault.file);
      agent.askToStop();
      scene.endsAfter(fault.span, () => {
        putBack();
        agent.askToStop();
      });
      return;
    }
    case 'kill-guardian':
      agent.guardian.kill();
      return;
    case 'freeze-both':
      agent.freeze();
      agent.guardian.actor.freeze();
      scene.endsAfter(fault.span, () => {
        node.thaw('guardian');
        node.thaw('agent');
      });
      return;
    case 'kill-both':
      agent.kill();
      agent.guardian.kill();
      scene.endsAfter(fault.span, () => node.startAgent());
      return;
    case 'break-watchdog':
      node.watchdog.breakDown();
      scene.endsAfter(fault.span, () => node.watchdog.mend());
      return;
    case 'kill-postmaster':
      postgres.crashes.killPostmaster();
      return;
    case 'kill-postgres':
      postgres.killEverything();
      return;
    case 'crash-backend':
      postgres.crashes.crashBackend();
      return;
    case 'fill-disk':
      postgres.crashes.fillDisk();
      scene.endsAfter(fault.span, () => postgres.crashes.freeDisk());
      return;
    case 'pause-replay':
      postgres.replay.pause();
      scene.endsAfter(fault.span, () => postgres.replay.resume());
      return;
    case 'drop-unused-slots':
      postgres.dropUnusedSlots();
      return;
    case 'stick-backend':
      postgres.crashes.stickBackend();
      scene.endsAfter(fault.span, () => postgres.crashes.unstickBackend());
      return;
    case 'hang-postgres':
      postgres.freeze(fault.how);
      scene.endsAfter(fault.span, () => postgres.thaw(fault.how));
      return;
    case 'power-off':
      node.powerOff();
      scene.endsAfter(fault.span, () => node.powerOn());
      return;
    case 'pause-machine':
      pauseMachine(scene, node, fault);
      return;
    case 'step-wall-clock':
      node.clock.stepWall(fault.byMs);
      return;
    case 'cut-node':
      cut(scene, node, fault);
      return;
    default:
      assertNever(fault);
  }
}

/**
 * Nothing on the machine can fence while it stands still: it is excused until its guardian has had its moment. Where its
 * clocks stood still as well, that comes as late as a lease may last. A watchdog that counts resets it in time, so it is
 * not excused; but what was short enough for that, and its clocks have not noticed, leaves its guardian with wrong ones.
 */
function pauseMachine(
  scene: Scene,
  node: SimNode,
  fault: Extract<NodeFault, { readonly kind: 'pause-machine' }>,
): void {
  const { kernel, store } = scene.world;
  const { span, clocks } = fault;
  const isWatched = scene.isWatched(node);
  const excuse = (): (() => void) => scene.excuses.begin(node.place, 'the machine stood still');
  const fromNow = isWatched ? null : excuse();
  const longestLease = Math.max(0, ...store.state.leases.all().map((lease) => lease.ttlMs));
  node.pauseMachine(clocks);
  scene.endsAfter(span, () => {
    const excuseEnds = fromNow ?? (clocks === 'stand-still' && node.isOn ? excuse() : null);
    node.resumeMachine();
    if (excuseEnds === null) return;
    const fencedAfter = FENCED_AFTER_PAUSE_MS + (clocks === 'stand-still' ? longestLease : 0);
    kernel.after(fencedAfter, null, 'excuse ends', excuseEnds);
  });
}

function cut(scene: Scene, node: SimNode, fault: Extract<NodeFault, { readonly kind: 'cut-node' }>): void {
  const { network, store, nodes } = scene.world;
  const storePlaces = store.leadership.members.map((member) => member.place);
  const peerPlaces = nodes.map((each) => each.place);
  const wanted = { store: storePlaces, peers: peerPlaces, all: [...storePlaces, ...peerPlaces] }[fault.from];
  const others = [...new Set(wanted)].filter((place) => place !== node.place);
  const paths = others.flatMap((other): readonly Path[] => [
    ...(fault.direction === 'outbound' ? [] : [{ from: other, to: node.place }]),
    ...(fault.direction === 'inbound' ? [] : [{ from: node.place, to: other }]),
  ]);
  network.cut(paths);
  scene.endsAfter(fault.span, () => network.heal(paths));
}

/** From the end of a machine's pause until its guardian must have fenced. */
const FENCED_AFTER_PAUSE_MS = 500;
