import type { Member } from '../../domain/cluster-view.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { readVersion } from '../../wire/rest/restart-request.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import type { SeenCluster } from '../groups.ts';
import { clusterTable } from '../handover/handover-run.ts';
import { readScheduled } from '../handover/scheduled.ts';
import { inAnHour } from '../in-an-hour.ts';
import { isPaused } from '../leader-first.ts';
import { prompt } from '../prompts.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { type Cluster, withCluster } from '../with-cluster.ts';
import { chooseMembers, consent, sureQuestion } from './choose-members.ts';
import { type MemberResult, MemberResults, ORDER_LIMIT, REPLY_LIMIT, resultOf } from './member-results.ts';
import type { MembersOptions } from './run-reload.ts';

export type RestartOptions = MembersOptions & {
  /** One of them: the number that is drawn below its argument. `null`: all. */
  readonly drawOne: ((count: number) => number) | null;
  readonly scheduled: string | null;
  readonly pgVersion: string | null;
  readonly pending: boolean;
  readonly timeout: string | null;
};

/** `restart`, now or at a time (spec/ctl.md 8.2). */
export function runRestart(options: RestartOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const view = await cluster.view();
    if (isStop(view)) return view;
    const wish = await askForRestart(options, { line, view, cluster });
    if (isStop(wish)) return wish;
    const results = new MemberResults(options, line);
    for (const member of wish.members) {
      if (wish.schedule === null) {
        results.waitsFor(
          `${member.name} is asked to stop its PostgreSQL in good order and to start it again; waiting for that`,
        );
      }
      results.add(await restart(member, { wish, cluster, options, results }));
    }
    return results.conclude('restart');
  });
}

type Wish = { readonly members: readonly Member[]; readonly body: JsonObject; readonly schedule: string | null };
type Given = { readonly line: OperatorLine; readonly view: SeenCluster; readonly cluster: Cluster };

async function askForRestart(options: RestartOptions, given: Given): Promise<Wish | Stop> {
  const { line, view, cluster } = given;
  const { force, pending } = options;
  const all = chooseMembers({ view, cluster: cluster.name, role: options.role, names: options.members });
  if (options.format === 'text') line.stdout.write(clusterTable(cluster, view));
  if (isStop(all)) return all;
  const when = `When should the restart take place (e.g. ${inAnHour(line.wallNow())}) `;
  const asked = options.scheduled ?? (force ? 'now' : await prompt(line, when, 'now'));
  if (isStop(asked)) return asked;
  const schedule = readScheduled(asked, line.wallNow());
  if (isStop(schedule)) return schedule;
  const members = narrowed(all, options, schedule);
  const refusal = await confirmed(options, { members, schedule, line });
  if (refusal !== null) return refusal;
  const version = await versionWanted(options, line);
  if (isStop(version)) return version;
  if (schedule !== null && isPaused(view)) return stop("Can't schedule restart in the paused state");
  const body: Record<string, Json> = {};
  if (pending) body['restart_pending'] = true;
  if (version !== '') body['postgres_version'] = version;
  if (schedule !== null) body['schedule'] = schedule;
  if (options.timeout !== null) body['timeout'] = options.timeout;
  return { members, body, schedule };
}

/** Those that wait for a restart now, unless it is some other time; and one of them. */
function narrowed(
  all: readonly Member[],
  { pending, drawOne }: RestartOptions,
  schedule: string | null,
): readonly Member[] {
  const waiting = pending && schedule === null ? all.filter((each) => each.published['pending_restart'] === true) : all;
  const one = drawOne === null ? undefined : waiting[drawOne(waiting.length)];
  return one === undefined ? waiting : [one];
}

function confirmed(
  { force, pending }: RestartOptions,
  {
    members,
    schedule,
    line,
  }: { readonly members: readonly Member[]; readonly schedule: string | null; readonly line: OperatorLine },
): Promise<Stop | null> {
  if (schedule === null) return consent({ line, question: sureQuestion('restart', members), action: 'restart', force });
  const names = members.map((each) => each.name).join(', ');
  const question = pending
    ? 'The nodes needing a restart will be identified at the scheduled time, and might be different from the ones showing pending restart right now. Is this fine?'
    : `Are you sure you want to schedule restart of members ${names} at ${schedule.replace('T', ' ')}?`;
  return consent({ line, question, action: 'scheduled restart', force });
}

/** Empty: whatever version runs. */
async function versionWanted({ pgVersion, force }: RestartOptions, line: OperatorLine): Promise<string | Stop> {
  const question = 'Restart if the PostgreSQL version is less than provided (e.g. 9.5.2) ';
  const given = pgVersion ?? (force ? '' : await prompt(line, question, ''));
  if (isStop(given) || given === '') return given;
  const version = readVersion(given);
  return 'kind' in version ? stop(version.text) : given;
}

async function restart(
  member: Member,
  {
    wish,
    cluster,
    options,
    results,
  }: {
    readonly wish: Wish;
    readonly cluster: Cluster;
    readonly options: RestartOptions;
    readonly results: MemberResults;
  },
): Promise<MemberResult> {
  const { name } = member;
  if (wish.schedule !== null && options.force && member.published['scheduled_restart'] !== undefined) {
    const reply = await cluster.call(member, { method: 'DELETE', path: '/restart', body: null }, REPLY_LIMIT);
    const flushed = resultOf(name, reply, {
      action: 'flush scheduled restart',
      success: (status) => (status === 200 ? '' : null),
    });
    if (flushed.outcome !== 'done') results.add(flushed);
  }
  const reply = await cluster.call(member, { method: 'POST', path: '/restart', body: wish.body }, ORDER_LIMIT);
  const success = (status: number): string | null => {
    if (status === 200) return `Success: restart on member ${name}`;
    return status === 202 ? `Success: restart scheduled on member ${name}` : null;
  };
  const result = resultOf(name, reply, { action: 'restart', success });
  return result.status === 409
    ? { ...result, message: `Failed: another restart is already scheduled on member ${name}` }
    : result;
}
