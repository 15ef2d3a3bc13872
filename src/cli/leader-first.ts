import { type ClusterView, type Member, memberOf } from '../domain/cluster-view.ts';

/** Everybody with an address: the leader, then the others by name. */
export function leaderFirst(view: ClusterView): readonly Member[] {
  const leader = leaderOf(view);
  const others = view.members.filter((each) => each !== leader);
  return [...(leader === null ? [] : [leader]), ...others].filter((each) => each.apiUrl !== null);
}

/** The member that holds the lock; `null`: nobody does, or its key is gone. */
export function leaderOf(view: ClusterView): Member | null {
  return view.lock === null ? null : memberOf(view, view.lock.holder);
}

export function isPaused({ config }: ClusterView): boolean {
  return config.kind === 'valid' && config.config.pause;
}

/** How long one round of an agent may take, in seconds; 10 when nothing else is said. */
export function loopWaitSeconds({ config }: ClusterView): number {
  return config.kind === 'valid' ? Math.round(config.config.loopWait / 1000) : DEFAULT_LOOP_WAIT;
}

const DEFAULT_LOOP_WAIT = 10;
