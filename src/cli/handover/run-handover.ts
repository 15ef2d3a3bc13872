import type { ClusterView, Member } from '../../domain/cluster-view.ts';
import { memberOf } from '../../domain/cluster-view.ts';
import type { JsonObject } from '../../domain/json.ts';
import { memberName, storeKey } from '../../domain/names.ts';
import { seconds } from '../../domain/time.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { adviceFor } from '../advice.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { leaderOf, loopWaitSeconds } from '../leader-first.ts';
import { renderList } from '../list/render-list.ts';
import { localTime } from '../local-time.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { codeOfFailure, type Tool } from '../tool.ts';
import { warn } from '../warn.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';
import { HandoverWatch } from './watch.ts';
import { askForWish, type HandoverWords, type Wish } from './wish.ts';

export type HandoverOptions = ClusterOptions &
  HandoverWords & {
    readonly tool: Tool;
    /** `json`: one object at the end, and no tables. */
    readonly format: 'text' | 'json';
  };

/** `switchover` and `failover`: ask the leader's agent, or with nobody leading the candidate's (spec/ctl.md 8.1). */
export function runHandover(options: HandoverOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const view = await cluster.view();
    if (isStop(view)) return view;
    if (options.format === 'text') line.stdout.write(`Current cluster topology\n${table(cluster, view)}`);
    const wish = await askForWish({ words: options, view, cluster: cluster.name, line });
    if (isStop(wish)) return wish;
    const run: Run = { options, line, cluster, view, wish };
    const watch = new HandoverWatch({ cluster, line, from: view.lock?.holder ?? null, to: wish.candidate });
    const posting = post(run);
    // Patroni's tool waits in silence.
    const reply = await (options.tool === 'matriarch' ? watch.during(posting) : posting);
    const result = reply.kind === 'answered' ? await answered(run, reply) : await byStore(run, reply.reason);
    return isStop(result) ? result : conclude(run, result, watch);
  });
}

type Run = {
  readonly options: HandoverOptions;
  readonly line: OperatorLine;
  readonly cluster: Cluster;
  /** As it was before. */
  readonly view: ClusterView;
  readonly wish: Wish;
};

/**
 * What came of asking. `open`: it may happen yet, and only the store will tell. The last line, and the picture of which
 * the table is shown, if any.
 */
type Result = {
  readonly outcome: 'done' | 'scheduled' | 'open' | 'failed';
  readonly status: number | null;
  readonly says: string;
  readonly shown: ClusterView | null;
};

async function post({ options: { handover }, cluster, view, wish }: Run): Promise<AgentReply> {
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
  return to.cluster.call(
    to.target,
    { method: 'POST', path: `/${endpoint}`, body: to.body },
    seconds(patience(to.view)),
  );
}

/** An agent watches for twice the longer of ten seconds and a loop, from its write on. */
function patience(view: ClusterView): number {
  return 2 * Math.max(10, loopWaitSeconds(view)) + 20;
}

function bodyOf({ leader, candidate, scheduledAt }: Wish): JsonObject {
  return {
    candidate,
    ...(leader === null ? {} : { leader }),
    ...(scheduledAt === null ? {} : { scheduled_at: scheduledAt }),
  };
}

async function answered(
  { options: { handover }, cluster, line }: Run,
  { status, body }: Extract<AgentReply, { kind: 'answered' }>,
): Promise<Result | Stop> {
  if (status === 200 || status === 202) {
    const view = await cluster.view();
    if (isStop(view)) return view;
    const outcome = status === 200 ? 'done' : 'scheduled';
    return { outcome, status, says: `${precise(line)} ${body}`, shown: view };
  }
  const name = handover === 'switchover' ? 'Switchover' : 'Failover';
  const isUnknown = /status unknown/i.test(body);
  const says = `${name} ${isUnknown ? 'result unknown' : 'failed'}, details: ${status}, ${body}`;
  return { outcome: isUnknown ? 'open' : 'failed', status, says, shown: null };
}

/** Nobody answered: the request is left where agents find it. Unconditional, as agents write it: the newest counts. */
async function byStore({ options: { handover }, cluster, line, view, wish }: Run, why: string): Promise<Result | Stop> {
  warn(line, why);
  warn(line, 'Failing over to DCS');
  const { leader, candidate, scheduledAt } = wish;
  const json = {
    ...(leader === null ? {} : { leader }),
    ...(candidate === null || candidate === '' ? {} : { member: candidate }),
    ...(scheduledAt === null ? {} : { scheduled_at: scheduledAt }),
  };
  const action = { kind: 'put', value: { kind: 'json', json }, lease: null } as const;
  const outcome = await cluster.write({ key: storeKey('failover'), action, when: [] });
  if (outcome.kind !== 'written') return stop(`No agent answered, and the store did not take the request either`);
  const says = `${precise(line)} Could not ${handover} using Patroni api, falling back to DCS`;
  return { outcome: scheduledAt === null ? 'open' : 'scheduled', status: null, says, shown: view };
}

/** How long to look on when no agent says how it ended, or until the new primary is up. */
const PROMOTION_SECONDS = 15;

/** Ours says what came of it in the end; Patroni's shows what it was told. */
async function conclude(run: Run, result: Result, watch: HandoverWatch): Promise<ExitCode> {
  const { options, line, cluster, view } = run;
  if (options.tool === 'patronictl') {
    line.stdout.write(`${result.says}\n${result.shown === null ? '' : table(cluster, result.shown)}`);
    return result.outcome === 'failed' || result.outcome === 'open' ? codeOfFailure(options.tool) : 0;
  }
  if (options.format === 'text') line.stdout.write(`${result.says}\n`);
  const advice = result.status === null ? null : adviceFor(result.status);
  if (advice !== null) line.stderr.write(`${advice}\n`);
  const isOpen = result.outcome === 'open' || result.outcome === 'done';
  const wait = result.outcome === 'open' ? patience(view) : PROMOTION_SECONDS;
  const leader = isOpen ? await watch.untilDone(wait) : null;
  if (isOpen && leader === null)
    line.stderr.write(`Not done after ${wait} s. What the leader's agent is at: matriarch why\n`);
  const isDone = result.outcome === 'scheduled' || (leader !== null && isWanted(run.wish, leader));
  const end = await cluster.view();
  if (options.format === 'json') {
    const { handover } = options;
    const message = result.says;
    const { outcome, status } = result;
    line.stdout.write(`${renderSpacedJson({ handover, done: isDone, outcome, status, leader, message })}\n`);
  } else if (!isStop(end) && result.outcome !== 'failed') {
    line.stdout.write(table(cluster, end));
  }
  return isDone ? 0 : 1;
}

function isWanted({ candidate }: Wish, leader: string): boolean {
  return candidate === null || candidate === '' || candidate === leader;
}

function table({ name }: Cluster, view: ClusterView): string {
  return renderList({ name, view, format: 'pretty', extended: false, order: 'names' });
}

/** Local time with five digits of a second's fraction, as Patroni's tool prints it. */
function precise(line: OperatorLine): string {
  const now = line.wallNow();
  return `${localTime(now)}.${String(now % 1_000).padStart(3, '0')}00`;
}
