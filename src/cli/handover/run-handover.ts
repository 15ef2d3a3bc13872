import type { ClusterView, Member } from '../../domain/cluster-view.ts';
import { memberOf } from '../../domain/cluster-view.ts';
import type { JsonObject } from '../../domain/json.ts';
import { memberName, storeKey } from '../../domain/names.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { leaderOf } from '../leader-first.ts';
import { preciseTime } from '../local-time.ts';
import { notWritten } from '../not-written.ts';
import { askInteger } from '../prompts.ts';
import { GROUP_MISSING, isStop, type Stop, stop } from '../stop.ts';
import { warn } from '../warn.ts';
import { type Cluster, withCluster } from '../with-cluster.ts';
import { concludeAsSeen, concludeAsTold } from './conclude-handover.ts';
import {
  answerLimit,
  clusterTable,
  type HandoverOptions,
  type HandoverResult,
  type HandoverRun,
} from './handover-run.ts';
import { HandoverWatch } from './watch.ts';
import { askForWish, type Wish } from './wish.ts';

/** `switchover` and `failover`: ask the leader's agent, or with nobody leading the candidate's (spec/ctl.md 8.1). */
export function runHandover(options: HandoverOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (whole) => {
    const seen = await whole.view();
    if (isStop(seen)) return seen;
    if (options.format === 'text') line.stdout.write(`Current cluster topology\n${clusterTable(whole, seen)}`);
    const cluster = await groupMeant(whole, options, line);
    if (isStop(cluster)) return cluster;
    const view = cluster === whole ? seen : await cluster.view();
    if (isStop(view)) return view;
    const wish = await askForWish({ words: options, view, cluster: cluster.name, line });
    if (isStop(wish)) return wish;
    const run: HandoverRun = { options, line, cluster, view, wish };
    const watch = new HandoverWatch({ cluster, line, from: view.lock?.holder ?? null, to: wish.candidate });
    const posting = post(run);
    // Patroni's tool waits in silence.
    const reply = await (options.tool === 'matriarch' ? watch.during(posting) : posting);
    const result = reply.kind === 'answered' ? await answered(run, reply) : await byStore(run, reply.reason);
    if (isStop(result)) return result;
    return options.tool === 'matriarch' ? concludeAsSeen(run, result, watch) : concludeAsTold(run, result);
  });
}

/** A handover takes place in one group, which has to be named. */
async function groupMeant(cluster: Cluster, { force }: HandoverOptions, line: OperatorLine): Promise<Cluster | Stop> {
  if (cluster.grouping.kind !== 'all') return cluster;
  if (force) return stop(GROUP_MISSING);
  const group = await askInteger(line, 'Citus group');
  return isStop(group) ? group : cluster.inGroup(group);
}

async function post({ options: { handover }, cluster, view, wish }: HandoverRun): Promise<AgentReply> {
  const target = leaderOf(view) ?? (wish.candidate === null ? null : memberOf(view, memberName(wish.candidate)));
  if (target === null) return { kind: 'no-answer', reason: 'there is no member to ask' };
  const first = await send(handover, { cluster, target, view, body: bodyOf(wish) });
  const isOld = first.kind === 'answered' && first.status === 501 && first.body.includes(NOT_SUPPORTED);
  return isOld && handover === 'switchover' ? send('failover', { cluster, target, view, body: bodyOf(wish) }) : first;
}

/** Agents from before there were two of them. */
const NOT_SUPPORTED = 'Server does not support this operation';

function send(
  endpoint: string,
  to: { readonly cluster: Cluster; readonly target: Member; readonly view: ClusterView; readonly body: JsonObject },
): Promise<AgentReply> {
  return to.cluster.call(to.target, { method: 'POST', path: `/${endpoint}`, body: to.body }, answerLimit(to.view));
}

function bodyOf({ leader, candidate, scheduledAt }: Wish): JsonObject {
  return {
    candidate,
    ...(leader === null ? {} : { leader }),
    ...(scheduledAt === null ? {} : { scheduled_at: scheduledAt }),
  };
}

async function answered(
  { options: { handover }, cluster, line }: HandoverRun,
  { status, body }: Extract<AgentReply, { kind: 'answered' }>,
): Promise<HandoverResult> {
  if (status === 200 || status === 202) {
    const view = await cluster.view();
    // What came of it is known all the same.
    if (isStop(view)) line.stderr.write(`${view.line}\n`);
    const outcome = status === 200 ? 'done' : 'scheduled';
    const shown = isStop(view) ? null : view;
    return { outcome, status, says: `${preciseTime(line.wallNow())} ${body}`, shown };
  }
  const name = handover === 'switchover' ? 'Switchover' : 'Failover';
  const isUnknown = /status unknown/i.test(body);
  const says = `${name} ${isUnknown ? 'result unknown' : 'failed'}, details: ${status}, ${body}`;
  return { outcome: isUnknown ? 'open' : 'failed', status, says, shown: null };
}

/** What an agent would have said: in the store nobody refuses it, agents only drop it without a word to whoever asked. */
const IN_THE_PAST = 'Cannot schedule switchover in the past';

/** Nobody answered: the request is left where agents find it. Unconditional, as agents write it: the newest counts. */
async function byStore(
  { options: { handover }, cluster, line, view, wish }: HandoverRun,
  why: string,
): Promise<HandoverResult | Stop> {
  const { leader, candidate, scheduledAt } = wish;
  warn(line, why);
  if (scheduledAt !== null && Date.parse(scheduledAt) < line.wallNow()) {
    return { outcome: 'failed', status: null, says: `Switchover failed, details: ${IN_THE_PAST}`, shown: null };
  }
  warn(line, 'Failing over to DCS');
  const json = {
    ...(leader === null ? {} : { leader }),
    ...(candidate === null || candidate === '' ? {} : { member: candidate }),
    ...(scheduledAt === null ? {} : { scheduled_at: scheduledAt }),
  };
  const action = { kind: 'put', value: { kind: 'json', json }, lease: null } as const;
  const outcome = await cluster.write({ key: storeKey('failover'), action, when: [] });
  if (outcome.kind !== 'written') {
    return notWritten(outcome, { request: 'the request', perhaps: `the ${handover} may take place all the same` });
  }
  const says = `${preciseTime(line.wallNow())} Could not ${handover} using Patroni api, falling back to DCS`;
  return { outcome: scheduledAt === null ? 'open' : 'scheduled', status: null, says, shown: view };
}
