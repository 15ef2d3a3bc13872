import { type ClusterView, type Member, memberOf } from '../domain/cluster-view.ts';
import { type Millis, millis, seconds } from '../domain/time.ts';

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

/**
 * How long an agent may take for what it writes into the store: each the picture that it goes by and the write itself have
 * the time that the store may take. Given up earlier, it would be asked of another agent as well.
 */
export function writeLimit({ config }: ClusterView): Millis {
  const retryTimeout = config.kind === 'valid' ? config.config.retryTimeout : DEFAULT_RETRY_TIMEOUT;
  return millis(Math.min(2 * retryTimeout + BESIDES, WRITE_LIMIT_MAX));
}

const DEFAULT_RETRY_TIMEOUT = seconds(10);
/** For asking others, and on the way. */
const BESIDES = seconds(5);
const WRITE_LIMIT_MAX = seconds(600);
