import type { ClusterView } from '../../domain/cluster-view.ts';
import { storeKey } from '../../domain/names.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import type { SeenCluster } from '../groups.ts';
import { clusterTable } from '../handover/handover-run.ts';
import { leaderFirst, writeLimit } from '../leader-first.ts';
import { preciseTime } from '../local-time.ts';
import { notWritten } from '../not-written.ts';
import { isStop, type Stop } from '../stop.ts';
import { codeOfFailure } from '../tool.ts';
import { warn } from '../warn.ts';
import { type Cluster, withCluster } from '../with-cluster.ts';
import { chooseMembers, consent, sureQuestion } from './choose-members.ts';
import { type MemberResult, MemberResults, REPLY_LIMIT, resultOf } from './member-results.ts';
import type { MembersOptions } from './run-reload.ts';
import type { flushable } from './words.ts';

export type FlushOptions = MembersOptions & { readonly target: (typeof flushable)[number] };

/** `flush`: what was scheduled is taken back (spec/ctl.md 8.5). */
export function runFlush(options: FlushOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const view = await cluster.view();
    if (isStop(view)) return view;
    return options.target === 'restart'
      ? flushRestarts(options, { view, cluster, line })
      : flushSwitchover(options, { view, cluster, line });
  });
}

type Given = { readonly view: SeenCluster; readonly cluster: Cluster; readonly line: OperatorLine };

async function flushRestarts(options: FlushOptions, { view, cluster, line }: Given): Promise<ExitCode | Stop> {
  const chosen = chooseMembers({ view, cluster: cluster.name, role: options.role, names: options.members });
  if (options.format === 'text') line.stdout.write(clusterTable(cluster, view));
  if (isStop(chosen)) return chosen;
  const question = sureQuestion('flush', chosen);
  const refusal = await consent({ line, question, action: 'flush', force: options.force });
  if (refusal !== null) return refusal;
  const results = new MemberResults(options, line);
  for (const member of chosen) {
    const { name } = member;
    if (member.published['scheduled_restart'] === undefined) {
      results.add({ member: name, outcome: 'done', status: null, message: `No scheduled restart for member ${name}` });
      continue;
    }
    const reply = await cluster.call(member, { method: 'DELETE', path: '/restart', body: null }, REPLY_LIMIT);
    const success = (status: number): string | null =>
      status === 200 ? `Success: flush scheduled restart for member ${name}` : null;
    results.add(resultOf(name, reply, { action: 'flush scheduled restart', success }));
  }
  return results.conclude('flush restart');
}

async function flushSwitchover(options: FlushOptions, given: Given): Promise<ExitCode | Stop> {
  const { view, line } = given;
  const results = new MemberResults(options, line);
  const nobody = { member: '', outcome: 'done', status: null } as const;
  if (view.failover === null || view.failover.schedule.kind === 'now') {
    results.add({ ...nobody, message: 'No pending scheduled switchover' });
    return results.conclude('flush switchover');
  }
  const told = await byAgents(given, options);
  if (told !== null) {
    results.add(told);
    return told.outcome === 'done' ? results.conclude('flush switchover') : failed(results, options);
  }
  warn(line, 'Failing over to DCS');
  const missing = await byStore(given, view.failover.modRevision);
  if (isStop(missing)) return missing;
  results.add({ ...nobody, message: missing });
  return results.conclude('flush switchover');
}

function failed(results: MemberResults, { tool }: FlushOptions): ExitCode {
  results.conclude('flush switchover');
  return codeOfFailure(tool);
}

/** The first agent that knows; `null`: none does. */
async function byAgents(
  { view, cluster, line }: Given,
  { format }: Pick<FlushOptions, 'format'>,
): Promise<MemberResult | null> {
  const output = format === 'json' ? line.stderr : line.stdout;
  for (const member of leaderFirst(view)) {
    const { name } = member;
    const reply = await cluster.call(member, { method: 'DELETE', path: '/switchover', body: null }, writeLimit(view));
    if (reply.kind === 'no-answer') {
      warn(line, reply.reason);
      warn(line, `Member ${name} is not accessible`);
      continue;
    }
    const { status, body } = reply;
    if (status === 200)
      return { member: name, outcome: 'done', status, message: 'Success: scheduled switchover deleted' };
    if (status === 404)
      return { member: name, outcome: 'failed', status, message: 'Failed: no switchover is scheduled' };
    output.write(`Failed: member=${name}, status_code=${status}, (${body})\n`);
  }
  return null;
}

/** Only the request that was seen: a newer one is not taken back. */
async function byStore(
  { cluster, line }: Given,
  seen: NonNullable<ClusterView['failover']>['modRevision'],
): Promise<string | Stop> {
  const key = storeKey('failover');
  const action = { kind: 'put', value: { kind: 'json', json: {} }, lease: null } as const;
  const outcome = await cluster.write({ key, action, when: [{ kind: 'mod-revision-is', key, revision: seen }] });
  if (outcome.kind !== 'written') {
    const perhaps = 'the switchover may be deleted, or take place all the same';
    return notWritten(outcome, { request: 'the deletion', perhaps });
  }
  return `${preciseTime(line.wallNow())} Could not find any accessible member of cluster ${cluster.name}`;
}
