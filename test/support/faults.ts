import type { Cluster } from './cluster.ts';
import { signal } from './namespace-processes.ts';
import type { Direction } from './network.ts';
import type { Writers } from './writers.ts';

/** Something that happens to the primary's node, and what an operator does about it afterwards. */
export interface Fault {
  readonly name: string;
  /** `takeover`: another node must become primary. `recovery`: some node must, the same one included. */
  readonly expect: 'takeover' | 'recovery';
  strike(scene: Scene): Promise<void> | void;
  mend(scene: Scene): Promise<void> | void;
}

export interface Scene {
  readonly cluster: Cluster;
  readonly writers: Writers;
  /** The primary at the time of the fault. */
  readonly primary: string;
}

/** Power loss of the whole host, and its return. */
export const hostKilled: Fault = {
  name: 'node killed',
  expect: 'takeover',
  strike: ({ cluster, primary }) => cluster.killHost(primary),
  mend: async ({ cluster, writers, primary }) => {
    await cluster.reviveHost(primary);
    writers.startOn(primary);
  },
};

/** The network takes packets of the primary's host no more, in the given direction. */
export function cutOff(direction: Direction): Fault {
  return {
    name: direction === 'both' ? 'primary cut off' : `primary cut off, ${direction} only`,
    expect: 'takeover',
    strike: ({ cluster, primary }) => cluster.hosts.cut(primary, direction),
    mend: ({ cluster, primary }) => cluster.hosts.heal(primary),
  };
}

/** kill -9 of the postmaster alone: its backends live on and commit what they were sent. */
export const postmasterKilled: Fault = {
  name: 'postmaster killed',
  expect: 'recovery',
  strike: ({ cluster, primary }) => {
    cluster.killPostmaster(primary);
  },
  mend: nothing,
};

/** kill -9 of every process of PostgreSQL. */
export const postgresKilled: Fault = {
  name: 'all of PostgreSQL killed',
  expect: 'recovery',
  strike: ({ cluster, primary }) => cluster.killPostgres(primary),
  mend: nothing,
};

/** The agent's process alone is stopped, for longer than the lease: until another node has taken over. */
export const agentFrozen: Fault = {
  name: 'agent frozen',
  expect: 'takeover',
  strike: ({ cluster, primary }) => {
    signal(cluster.agentOf(primary).pid, 'SIGSTOP');
  },
  mend: ({ cluster, primary }) => {
    signal(cluster.agentOf(primary).pid, 'SIGCONT');
  },
};

/** The agent alone is killed and nobody restarts it before another node has taken over. */
export const agentKilled: Fault = {
  name: 'agent killed',
  expect: 'takeover',
  strike: ({ cluster, primary }) => {
    signal(cluster.agentOf(primary).pid, 'SIGKILL');
  },
  mend: restartAgent,
};

/** Agent and guardian are killed together: nobody is left to stop PostgreSQL, which goes on without a lease. */
export const nobodyLeftToFence: Fault = {
  name: 'agent and guardian killed',
  expect: 'takeover',
  strike: async ({ cluster, primary }) => {
    const guardian = await cluster.guardianOf(primary);
    // The guardian first: an agent that lives for a moment longer starts no other so soon.
    for (const pid of [guardian, cluster.agentOf(primary).pid]) if (pid !== null) signal(pid, 'SIGKILL');
  },
  mend: restartAgent,
};

/** An operator stops the agent in good order. */
export const agentStopped: Fault = {
  name: 'agent stopped',
  expect: 'takeover',
  strike: ({ cluster, primary }) => {
    signal(cluster.agentOf(primary).pid, 'SIGTERM');
  },
  mend: restartAgent,
};

/** POST /switchover to the primary's own agent. It answers when another node holds the lock. */
export const switchover: Fault = {
  name: 'switchover',
  expect: 'takeover',
  strike: async ({ cluster, primary }) => {
    const body = JSON.stringify({ leader: primary });
    const answer = await cluster.http(primary, '/switchover', { method: 'POST', body, limitMs: 40_000 });
    if (answer.status !== 200) throw new Error(`POST /switchover: ${answer.status} ${answer.text}`);
  },
  mend: nothing,
};

async function restartAgent({ cluster, primary }: Scene): Promise<void> {
  await cluster.agentOf(primary).ended;
  cluster.startAgent(primary);
}

function nothing(): void {
  // It mends itself.
}
