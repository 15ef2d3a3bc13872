import type { Member } from '../../domain/cluster-view.ts';
import { memberOf } from '../../domain/cluster-view.ts';
import type { JsonObject } from '../../domain/json.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import type { SeenCluster } from '../groups.ts';
import { clusterTable } from '../handover/handover-run.ts';
import { leaderOf, writeLimit } from '../leader-first.ts';
import { localTime } from '../local-time.ts';
import { confirm } from '../prompts.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';

export type RemoteOptions = ClusterOptions & {
  readonly force: boolean;
  /** `json`: one object at the end, and no tables. */
  readonly format: 'text' | 'json';
  /** What the cluster is to follow; `null`: nobody any more. */
  readonly follow: {
    readonly host: string | null;
    readonly port: number | null;
    readonly restoreCommand: string | null;
    readonly primarySlotName: string | null;
  } | null;
};

/**
 * `demote-cluster` and `promote-cluster` (spec/ctl.md 8.10): change what the cluster follows, and watch, without a limit,
 * until its leader is what it should be then.
 */
export function runRemote(options: RemoteOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const words = options.follow === null ? promotion : demotion;
    const section = options.follow === null ? null : sectionOf(options.follow);
    if (section !== null && ['host', 'port', 'restore_command'].every((name) => section[name] === undefined)) {
      return stop('At least --host, --port or --restore-command should be specified');
    }
    const view = await cluster.view();
    if (isStop(view)) return view;
    const leader = leaderOf(view);
    if (leader === null) return stop(`Cluster has no leader, ${words.noun} is not possible`);
    if (leader.role === words.role) return stop('Cluster is already in the required state');
    if (options.format === 'text') line.stdout.write(`Current cluster topology\n${clusterTable(cluster, view)}`);
    if (!options.force) {
      const answer = await confirm(line, `Are you sure you want to ${words.verb} ${cluster.name} cluster?`);
      if (isStop(answer)) return answer;
      if (answer === 'no') return stop(`Aborted cluster ${words.noun}`);
    }
    const refusal = await patch(cluster, leader, { words, section, view });
    if (refusal !== null) return refusal;
    // Progress is data to nobody who reads JSON.
    const output = options.format === 'json' ? line.stderr : line.stdout;
    const reached = await reach(cluster, { ...line, stdout: output }, { words, former: leader });
    if (isStop(reached)) return reached;
    output.write(`${localTime(line.wallNow())} cluster is successfully ${words.done}\n`);
    line.stdout.write(
      options.format === 'text'
        ? clusterTable(cluster, reached)
        : `${renderSpacedJson({ action: words.verb, done: true, leader: reached.lock?.holder ?? null })}\n`,
    );
    return 0;
  });
}

const demotion = { verb: 'demote', noun: 'demotion', done: 'demoted', role: 'standby_leader' } as const;
const promotion = { verb: 'promote', noun: 'promotion', done: 'promoted', role: 'primary' } as const;
type Words = typeof demotion | typeof promotion;

function sectionOf({ host, port, restoreCommand, primarySlotName }: NonNullable<RemoteOptions['follow']>): JsonObject {
  return {
    ...(host === null ? {} : { host }),
    ...(port === null ? {} : { port }),
    ...(primarySlotName === null ? {} : { primary_slot_name: primarySlotName }),
    ...(restoreCommand === null ? {} : { restore_command: restoreCommand }),
  };
}

async function patch(
  cluster: Cluster,
  leader: Member,
  { words, section, view }: { readonly words: Words; readonly section: JsonObject | null; readonly view: SeenCluster },
): Promise<Stop | null> {
  const failed = `Failed to ${words.verb} ${cluster.name} cluster: `;
  const body = { standby_cluster: section };
  const reply = await cluster.call(leader, { method: 'PATCH', path: '/config', body }, writeLimit(view));
  if (reply.kind === 'no-answer') return stop(`${failed}${reply.reason}`);
  if (reply.status === 200) return null;
  // Twice, as Patroni's tool says it.
  return stop(`${failed}${failed}/config PATCH status code=${reply.status}, (${reply.body})`);
}

/** Once a second; a line each until it is so. */
async function reach(
  cluster: Cluster,
  line: OperatorLine,
  { words, former }: { readonly words: Words; readonly former: Member },
): Promise<SeenCluster | Stop> {
  for (;;) {
    await line.sleep(1_000);
    const view = await cluster.view();
    if (isStop(view))
      return { ...view, line: `${view.line}\nThe cluster is told to ${words.verb}, and goes on with that` };
    const leader = leaderOf(view);
    const previous = memberOf(view, former.name);
    const isDemoted = words.role === 'primary' || previous?.state === 'running';
    if (leader?.role === words.role && leader.state === 'running' && isDemoted) return view;
    const isOther = words.role === 'standby_leader' && leader !== null && leader.name !== former.name;
    line.stdout.write(
      `${localTime(line.wallNow())} cluster is unlocked: ${view.lock === null ? 'True' : 'False'}, ` +
        `leader role: ${leader?.role ?? 'None'}, leader state: ${leader?.state ?? 'None'}` +
        `${isOther ? `, previous leader state: '${previous?.state ?? 'None'}'` : ''}\n`,
    );
  }
}
