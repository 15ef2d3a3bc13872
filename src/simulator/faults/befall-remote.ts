import { assertNever } from '../../domain/invariant.ts';
import { remoteSection } from '../world/remote-place.ts';
import { followsRemote } from '../world/remote-primary.ts';
import { patch } from './ask-member.ts';
import type { RemoteFault } from './fault.ts';
import { nodeAt, type Scene } from './scene.ts';

/** What befalls the primary of the other cluster, and what the operator of both does. */
export function befallRemote({ world, endsAfter }: Scene, fault: RemoteFault): void {
  if (!world.settings.standbyCluster) return;
  switch (fault.kind) {
    case 'remote-dies':
      world.remote.dies();
      endsAfter(fault.span, () => world.remote.start());
      return;
    case 'remote-fails-over':
      world.remote.failsOver();
      return;
    case 'part-or-follow': {
      const leader = nodeAt(world, 'leader');
      // Nobody demotes or promotes a cluster that is not well: what it loses then is the operator's.
      if (leader === null || !leader.isOn || !world.isHealthy()) return;
      const section = followsRemote(world) ? null : remoteSection(world.settings);
      leader.agent.request(patch({ standby_cluster: section }), () => undefined);
      return;
    }
    default:
      assertNever(fault);
  }
}
