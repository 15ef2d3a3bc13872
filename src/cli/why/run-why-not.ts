import { type ClusterView, type Member, memberOf } from '../../domain/cluster-view.ts';
import { memberName } from '../../domain/names.ts';
import { millis } from '../../domain/time.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { readSuccession } from '../../wire/rest/succession-document.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { leaderOf } from '../leader-first.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';
import { renderWhyNot, type Told, whyNotDocument } from './render-why-not.ts';
import { askDecision } from './run-why.ts';
import { heirByKeys, type Judge, type Verdict, verdictOf, wasMember } from './verdict.ts';

export type WhyNotOptions = ClusterOptions & { readonly member: string; readonly format: 'text' | 'json' };

/** `why-not MEMBER`: why does that member not lead? The leader's agent knows best; its words are those of a switchover. */
export function runWhyNot(options: WhyNotOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const view = await cluster.view();
    if (isStop(view)) return view;
    const verdict = await judge(cluster, view, options.member);
    if (isStop(verdict)) return verdict;
    const told: Told = {
      cluster: cluster.name,
      member: options.member,
      leader: view.lock?.holder ?? null,
      verdict,
      answersHere: verdict.reason === 'unreachable' ? await answers(cluster, view, options.member) : null,
    };
    const text = options.format === 'json' ? `${renderSpacedJson(whyNotDocument(told))}\n` : renderWhyNot(told);
    line.stdout.write(text);
    return 0;
  });
}

/** The leader asks everybody first, for half a second, when it is asked this. */
const JUDGEMENT_LIMIT = millis(5_000);
const LIVENESS_LIMIT = millis(1_500);

async function judge(cluster: Cluster, view: ClusterView, name: string): Promise<Verdict | Stop> {
  if (view.lock?.holder === name) return { reason: 'leads' };
  const member = memberOf(view, memberName(name));
  if (member === null) return withoutKey(cluster, view, name);
  if (view.lock === null) return withoutLeader(cluster, member);
  const limit = view.config.kind === 'valid' ? view.config.config.maximumLagOnFailoverBytes : null;
  const byKeys = (why: string): Verdict =>
    verdictOf(heirByKeys(view, member), { kind: 'store', why, maximumLagBytes: limit });
  const leader = leaderOf(view);
  if (leader === null) return byKeys(`${view.lock.holder} holds the lock and has no member key`);
  const reply = await cluster.call(
    leader,
    { method: 'GET', path: '/matriarch/succession', body: null },
    JUDGEMENT_LIMIT,
  );
  if (reply.kind === 'no-answer') return byKeys(`The agent of ${leader.name} does not answer (${reply.reason})`);
  const succession = readSuccession(reply.body);
  const heir = succession?.members.find((each) => each.name === member.name);
  if (succession === null || heir === undefined) {
    return byKeys(`The agent of ${leader.name} gives no judgement (status ${reply.status})`);
  }
  const by: Judge = { kind: 'leader', name: leader.name, maximumLagBytes: succession.maximumLagBytes };
  return verdictOf(heir, by);
}

function withoutKey(cluster: Cluster, view: ClusterView, name: string): Verdict | Stop {
  if (wasMember(view, name)) return { reason: 'no-key' };
  const known = view.members.map((each) => each.name).join(', ');
  return stop(`${name} is no member of cluster ${cluster.name}, as far as the store knows. Its members: ${known}`);
}

/** Then it is its own agent that takes the lock, or does not. */
async function withoutLeader(cluster: Cluster, member: Member): Promise<Verdict | Stop> {
  const told = await askDecision(cluster, member);
  if (isStop(told)) return told;
  const { because } = told.facts;
  const waitsFor = told.waitsFor === null ? null : `it waits for ${told.waitsFor}`;
  return { reason: 'nobody-leads', rule: told.rule, because: typeof because === 'string' ? because : waitsFor };
}

async function answers(cluster: Cluster, view: ClusterView, name: string): Promise<boolean | null> {
  const member = memberOf(view, memberName(name));
  if (member === null || member.apiUrl === null) return null;
  const reply = await cluster.call(member, { method: 'GET', path: '/liveness', body: null }, LIVENESS_LIMIT);
  return reply.kind === 'answered';
}
