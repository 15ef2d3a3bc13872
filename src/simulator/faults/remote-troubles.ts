import type { RandomStream } from '../kernel/random-stream.ts';
import { followsRemote, remoteSection } from '../world/remote-primary.ts';
import type { World } from '../world/world.ts';
import { patch } from './ask-member.ts';

/**
 * What befalls a cluster that follows another one: the other primary ends, comes back, goes on on another timeline; an
 * operator has a cluster that is well go its own way, or follow again. From a random stream of its own, until the faults are over.
 */
export function troubleRemote(world: World, stream: RandomStream, until: number): void {
  if (!world.settings.standbyCluster) return;
  for (let at = stream.between(...GAP_MS); at < until; at += stream.between(...GAP_MS)) {
    const what = stream.pick(TROUBLES) ?? 'dies';
    world.kernel.after(at, null, 'remote', () => befall(world, what));
  }
  // Nobody waits for what never comes back.
  world.kernel.after(until, null, 'remote', () => world.remote.start());
}

function befall(world: World, what: (typeof TROUBLES)[number]): void {
  world.kernel.note('remote', () => what);
  switch (what) {
    case 'dies':
      world.remote.dies();
      world.kernel.after(AWAY_MS, null, 'remote', () => world.remote.start());
      return;
    case 'fails over':
      world.remote.failsOver();
      return;
    case 'promote or demote': {
      const holder = world.lockHolder();
      const node = holder === null ? null : world.node(holder);
      if (node === null || !node.isOn || !world.isHealthy()) return;
      node.agent.request(patch({ standby_cluster: followsRemote(world) ? null : remoteSection }), () => undefined);
      return;
    }
  }
}

const TROUBLES = ['dies', 'fails over', 'promote or demote', 'promote or demote'] as const;
const GAP_MS: readonly [number, number] = [20_000, 180_000];
const AWAY_MS = 25_000;
