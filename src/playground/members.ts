import { get } from 'node:http';
import { z } from 'zod';
import type { Node } from './playground.ts';

/** The members as the first node that answers sees them (`GET /cluster`); `null` when none does. */
export async function membersSeenBy(nodes: readonly Node[]): Promise<readonly Member[] | null> {
  for (const { apiPort } of nodes) {
    const text = await bodyOf(`http://127.0.0.1:${apiPort}/cluster`);
    const parsed = Cluster.safeParse(text === null ? null : JSON.parse(text));
    if (parsed.success) return parsed.data.members;
  }
  return null;
}

/** The leader's name, when it is a running leader and everybody else streams. */
export function leaderOfWhole(members: readonly Member[], count: number): string | null {
  const leader = members.find(({ role, state }) => role === 'leader' && state === 'running');
  const replicas = members.filter(({ role, state }) => role === 'replica' && state === 'streaming');
  return leader !== undefined && replicas.length === count - 1 ? leader.name : null;
}

export type Member = z.infer<typeof Cluster>['members'][number];

const Cluster = z.object({
  members: z.array(z.object({ name: z.string(), role: z.string(), state: z.string() })),
});

function bodyOf(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 1000, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString() : null));
      response.once('error', () => resolve(null));
    });
    request.once('timeout', () => request.destroy()).once('error', () => resolve(null));
  });
}
