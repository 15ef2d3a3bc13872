import type { Member } from '../../domain/cluster-view.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { parseJson } from '../../wire/json.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { clusterTable } from '../handover/handover-run.ts';
import { confirm } from '../prompts.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { type Cluster, withCluster } from '../with-cluster.ts';
import { askForMember, chooseMembers, consent, sureQuestion } from './choose-members.ts';
import { type MemberResult, MemberResults, REPLY_LIMIT, resultOf } from './member-results.ts';
import type { MembersOptions } from './run-reload.ts';

export type ReinitOptions = Omit<MembersOptions, 'role'> & {
  readonly fromLeader: boolean;
  /** Until the copies run. */
  readonly wait: boolean;
};

/** `reinit`: replicas get a new copy of the data (spec/ctl.md 8.4). `--force` also ends whatever task runs there. */
export function runReinit(options: ReinitOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const chosen = await chooseReplicas(options, cluster, line);
    if (isStop(chosen)) return chosen;
    const question = sureQuestion('reinitialize', chosen);
    const refusal =
      chosen.length === 0 ? null : await consent({ line, question, action: 'reinitialize', force: options.force });
    if (refusal !== null) return refusal;
    const results = new MemberResults(options, line);
    const copies: Copy[] = [];
    for (const member of chosen) {
      const before = options.wait ? await serverOf(cluster, member) : null;
      const result = await reinitialize(member, { options, cluster, line });
      if (isStop(result)) return result;
      results.add(result);
      if (options.wait && result.outcome === 'done') {
        // Its agent has just answered, and may do so now.
        copies.push({ member, before: before ?? (await serverOf(cluster, member)) });
      }
    }
    await waitFor(copies, { options, cluster, line });
    return results.conclude('reinit');
  });
}

/** Without names there is nobody to copy when nothing may be asked; Patroni's tool calls that success. */
async function chooseReplicas(
  { members: names, force, format, tool }: ReinitOptions,
  cluster: Cluster,
  line: OperatorLine,
): Promise<readonly Member[] | Stop> {
  const view = await cluster.view();
  if (isStop(view)) return view;
  const replicas = chooseMembers({ view, cluster: cluster.name, role: 'replica', names }, 'replica');
  if (format === 'text') line.stdout.write(clusterTable(cluster, view));
  if (isStop(replicas) || names.length > 0) return replicas;
  if (!force) return askForMember(line, replicas);
  const known = replicas.map(({ name }) => name).join(', ');
  return tool === 'patronictl' ? [] : stop(`With --force the members have to be named; there are: ${known}`);
}

async function reinitialize(
  member: Member,
  {
    options,
    cluster,
    line,
  }: { readonly options: ReinitOptions; readonly cluster: Cluster; readonly line: OperatorLine },
): Promise<MemberResult | Stop> {
  const post = async (force: boolean): Promise<MemberResult> => {
    const body = { force, from_leader: options.fromLeader };
    const reply = await cluster.call(member, { method: 'POST', path: '/reinitialize', body }, REPLY_LIMIT);
    const success = (status: number): string | null =>
      status < 400 ? `Success: reinitialize for member ${member.name}` : null;
    return resultOf(member.name, reply, { action: 'reinitialize', success });
  };
  const result = await post(options.force);
  if (options.force || !result.message.endsWith(BUSY)) return result;
  line.stdout.write(`${result.message}\n`);
  const sure = await confirm(line, 'Do you want to cancel it and reinitialize anyway?');
  if (isStop(sure)) return sure;
  return sure === 'yes' ? post(true) : result;
}

/** How the reply ends, in a line about it, when another task keeps the member busy. */
const BUSY = ' already in progress)';

/** `before`: what ran there when it was last seen before the copy; `null`: nobody could tell. */
type Copy = { readonly member: Member; readonly before: Server | null };

/** A member's PostgreSQL as its agent shows it. `since`: its start, which tells it from the next one. */
type Server = { readonly isRunning: boolean; readonly since: Json };

/** A copy is complete when PostgreSQL runs that was not running before. */
async function waitFor(
  copies: readonly Copy[],
  {
    options,
    cluster,
    line,
  }: { readonly options: ReinitOptions; readonly cluster: Cluster; readonly line: OperatorLine },
): Promise<void> {
  const output = options.format === 'json' ? line.stderr : line.stdout;
  let open = copies;
  let told = '';
  while (open.length > 0) {
    const names = open.map((each) => each.member.name).join(', ');
    if (names !== told) output.write(`Waiting for reinitialize to complete on: ${names}\n`);
    told = names;
    await line.sleep(POLL_MS);
    const left: Copy[] = [];
    for (const copy of open) {
      const now = await serverOf(cluster, copy.member);
      if (isComplete(copy, now)) output.write(`Reinitialize is completed on: ${copy.member.name}\n`);
      else left.push({ ...copy, before: copy.before ?? now });
    }
    open = left;
  }
}

function isComplete({ before }: Copy, now: Server | null): boolean {
  return before !== null && now !== null && now.isRunning && now.since !== before.since;
}

/** @returns `null`: it is not known. A server that runs and does not say since when cannot be told from another one. */
async function serverOf(cluster: Cluster, member: Member): Promise<Server | null> {
  const status = await statusOf(cluster, member);
  const state = status?.['state'] ?? 'unknown';
  const since = status?.['postmaster_start_time'] ?? null;
  if (state === 'unknown' || (state === 'running' && since === null)) return null;
  return { isRunning: state === 'running', since };
}

async function statusOf(cluster: Cluster, member: Member): Promise<JsonObject | null> {
  const reply = await cluster.call(member, { method: 'GET', path: '/patroni', body: null }, REPLY_LIMIT);
  const parsed = reply.kind === 'answered' ? parseJson(reply.body) : null;
  return parsed?.kind === 'parsed' && isJsonObject(parsed.json) ? parsed.json : null;
}

const POLL_MS = 2_000;
