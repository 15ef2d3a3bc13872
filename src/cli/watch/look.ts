import type { ClusterView, Member } from '../../domain/cluster-view.ts';
import { instant, type Millis, millis } from '../../domain/time.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import { readReport } from '../../wire/rest/node-report.ts';
import { readDecision } from '../../wire/rest/read-decision.ts';
import type { OperatorLine } from '../command-line.ts';
import { isStop, type Stop } from '../stop.ts';
import type { Cluster } from '../with-cluster.ts';
import type { Scene, WatchedLease, WatchedMember } from './scene.ts';

/** The first look at a cluster. A store that does not answer is asked for a while, as by any other command. */
export async function firstLook(cluster: Cluster, line: OperatorLine): Promise<Scene | Stop> {
  const view = await cluster.view();
  if (isStop(view)) return view;
  return sceneOf({ cluster, line, before: null }, { view, storeSilence: null });
}

/** Another look. A store that is silent meanwhile leaves its last picture; the members are asked all the same. */
export async function lookAgain(cluster: Cluster, line: OperatorLine, before: Scene): Promise<Scene> {
  const read = await cluster.glance();
  if (read.kind === 'view') return sceneOf({ cluster, line, before }, { view: read.view, storeSilence: null });
  const since = before.storeSilence?.since ?? line.now();
  return sceneOf({ cluster, line, before }, { view: before.view, storeSilence: { since, why: read.why } });
}

/** Often enough to see a failover's steps, seldom enough that no store and no agent minds. */
export const LOOK_EVERY: Millis = millis(500);

type Looking = { readonly cluster: Cluster; readonly line: OperatorLine; readonly before: Scene | null };

async function sceneOf(looking: Looking, store: Pick<Scene, 'view' | 'storeSilence'>): Promise<Scene> {
  const { cluster, line, before } = looking;
  const known = knownMembers(store.view, before);
  const members = await Promise.all(known.map((each) => askMember(each, looking)));
  const lease = leaseAfter(before?.lease ?? null, { view: store.view, members });
  return { cluster: cluster.name, wallAt: line.wallNow(), ...store, lease, members };
}

type Known = { readonly member: Member; readonly hasKey: boolean; readonly before: WatchedMember | null };

/** Those with a key, and those that had one: an agent that lost the store may still tell about it. */
function knownMembers(view: ClusterView, before: Scene | null): readonly Known[] {
  const earlier = new Map(before?.members.map((each) => [each.member.name, each]));
  const present = view.members.map((member) => {
    return { member, hasKey: true, before: earlier.get(member.name) ?? null };
  });
  const names = new Set(view.members.map(({ name }) => name));
  const gone = [...earlier.values()]
    .filter(({ member }) => !names.has(member.name))
    .map((each) => ({ member: each.member, hasKey: false, before: each }));
  const all = [...present, ...gone.slice(-GONE_MAX)];
  return all.toSorted((a, b) => (a.member.name < b.member.name ? -1 : 1));
}

/** Where members come and go with new names, the list must not grow for ever. */
const GONE_MAX = 20;

async function askMember({ member, hasKey, before }: Known, { cluster, line }: Looking): Promise<WatchedMember> {
  const askedAt = line.now();
  const [status, decision] = await Promise.all([
    cluster.call(member, { method: 'GET', path: '/patroni', body: null }, ANSWER_LIMIT),
    member.agent === 'ours'
      ? cluster.call(member, { method: 'GET', path: '/decision', body: null }, ANSWER_LIMIT)
      : unexplained,
  ]);
  const report = readReport({ status: bodyOf(status), decision: bodyOf(decision), askedAt });
  const told = decision.kind === 'answered' ? readDecision(decision.body) : null;
  const said = report.kind === 'answered' ? report : null;
  const silence = said === null ? (status.kind === 'no-answer' ? status.reason : `status ${status.status}`) : null;
  return { member, hasKey, said, silence, told: told ?? before?.told ?? null };
}

/** An agent answers both from memory; one on a busy host is not called silent for a second of that. */
const ANSWER_LIMIT: Millis = millis(2_000);

/** Patroni's agents do not explain themselves. */
const unexplained: AgentReply = { kind: 'no-answer', reason: '' };

function bodyOf(reply: AgentReply): string | null {
  return reply.kind === 'answered' ? reply.body : null;
}

/** A lease whose holder says nothing any more goes on running down, for as long as the lock is its. */
function leaseAfter(
  before: WatchedLease | null,
  { view, members }: Pick<Scene, 'view' | 'members'>,
): WatchedLease | null {
  const holder = view.lock?.holder ?? null;
  if (holder === null) return null;
  const lock = members.find(({ member }) => member.name === holder)?.said?.lock;
  if (lock?.kind === 'held') return { holder, deadline: instant(lock.deadline) };
  return before?.holder === holder ? before : null;
}
