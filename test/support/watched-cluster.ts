import type { OperatorLine } from '../../src/cli/command-line.ts';
import { isStop } from '../../src/cli/stop.ts';
import { firstLook, lookAgain } from '../../src/cli/watch/look.ts';
import type { Scene } from '../../src/cli/watch/scene.ts';
import { withCluster } from '../../src/cli/with-cluster.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { wallTime } from '../../src/domain/time.ts';
import type { AgentCall, AgentReply } from '../../src/ports/agent-api.ts';
import { type FakeWorld, fakeOperator, globals } from './fake-operator.ts';

/** What one look at the cluster `demo` finds: `n1` leads, `n2` and `n3` stream; each member's agent may be silent. */
export type Look = {
  readonly keys?: Readonly<Record<string, Json>>;
  readonly storeSilence?: string;
  /** Laid over what an agent answers, by member; `undefined` takes a field away, `null` for all: it does not answer. */
  readonly status?: Readonly<Record<string, Readonly<Record<string, Json | undefined>> | null>>;
  readonly decision?: Readonly<Record<string, JsonObject>>;
};

/** A command line that sees one look after the other; the last one again and again. */
export function watchedCluster(looks: readonly Look[]): {
  readonly line: OperatorLine;
  readonly seen: ReturnType<typeof fakeOperator>['seen'];
  /** Everybody there has been asked. */
  readonly isOver: () => boolean;
} {
  let reads = 0;
  const current = (): Look => looks[Math.min(reads, looks.length) - 1] ?? {};
  const world: FakeWorld = {
    storeSilence: () => {
      reads += 1;
      return current().storeSilence ?? null;
    },
    keys: () => ({ ...memberKeys, ...current().keys }),
    answers: (call) => answer(call, current()),
  };
  const { line, seen } = fakeOperator(world);
  // In the zone of this host, as people are shown it: pictures are the same everywhere.
  const wallNow = () => wallTime(localMoment(9, 0, reads));
  return { line: { ...line, wallNow }, seen, isOver: () => reads >= looks.length };
}

/** The scenes of one look after the other. */
export async function scenesOf(looks: readonly Look[]): Promise<readonly Scene[]> {
  const { line } = watchedCluster(looks);
  const scenes: Scene[] = [];
  await withCluster({ ...globals, cluster: 'demo' }, line, async (cluster) => {
    const first = await firstLook(cluster, line);
    if (isStop(first)) return first;
    scenes.push(first);
    for (let scene = first; scenes.length < looks.length; scenes.push(scene)) {
      scene = await lookAgain(cluster, line, scene);
    }
    return 0;
  });
  return scenes;
}

/** A moment of the day of these tests, as an agent tells it. */
export function toldAt(hours: number, minutes: number, seconds: number): string {
  return new Date(localMoment(hours, minutes, seconds)).toISOString();
}

function localMoment(hours: number, minutes: number, seconds: number): number {
  return new Date(2031, 4, 4, hours, minutes, seconds).getTime();
}

const memberKeys: Readonly<Record<string, Json>> = Object.fromEntries(
  ['n1', 'n2', 'n3'].map((name) => [`members/${name}`, memberKey(name)]),
);

/** A member's key; of a standby unless `change` says otherwise. */
export function memberKey(name: string, change: JsonObject = {}): JsonObject {
  return {
    conn_url: `postgres://${name}:5432/postgres`,
    api_url: `http://${name}:8008/patroni`,
    agent: 'matriarch/0.1.0',
    state: 'running',
    role: name === 'n1' ? 'primary' : 'replica',
    timeline: 4,
    xlog_location: 83_886_176,
    ...(name === 'n1' ? {} : { replication_state: 'streaming', receive_lsn: 83_886_176 }),
    ...change,
  };
}

function answer({ apiUrl, path }: AgentCall, { status = {}, decision = {} }: Look): AgentReply {
  const { hostname: name } = new URL(apiUrl);
  if (status[name] === null) return { kind: 'no-answer', reason: 'connect ECONNREFUSED' };
  const isLeader = name === 'n1';
  const healthy = isLeader
    ? { role: 'primary', state: 'running', timeline: 4, xlog: { location: 83_890_272 } }
    : {
        role: 'replica',
        state: 'running',
        timeline: 4,
        replication_state: 'streaming',
        xlog: { received_location: 83_886_176 },
      };
  const decided = {
    rule: isLeader ? 'lead' : 'follow',
    action: { kind: 'stay' },
    waits_for: null,
    facts: isLeader ? {} : { leader: 'n1' },
    refused: [],
    lock: isLeader ? { kind: 'held', deadline_in_ms: 21_400 } : { kind: 'not-held' },
  };
  const body = path === '/patroni' ? { ...healthy, ...status[name] } : { ...decided, ...decision[name] };
  return { kind: 'answered', status: 200, body: JSON.stringify(body) };
}
