import type { ClusterView, Member } from '../../domain/cluster-view.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { adviceFor } from '../advice.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { isPaused, leaderFirst, loopWaitSeconds, writeLimit } from '../leader-first.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { codeOfFailure, type Tool } from '../tool.ts';
import { warn } from '../warn.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';

export type PauseOptions = ClusterOptions & {
  readonly tool: Tool;
  readonly format: 'text' | 'json';
  readonly wanted: 'paused' | 'resumed';
  /** Until every member says so. */
  readonly wait: boolean;
};

/** `pause` and `resume`: the first agent that answers, the leader's before others', changes the configuration. */
export function runPause(options: PauseOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(
    options,
    line,
    async (cluster) => {
      const view = await cluster.view();
      if (isStop(view)) return view;
      const { wanted } = options;
      if (isPaused(view) === (wanted === 'paused')) {
        return stop(wanted === 'paused' ? 'Cluster is already paused' : 'Cluster is not paused');
      }
      const reply = await patch(cluster, view, { wanted, line });
      if (isStop(reply)) return reply;
      if (reply.status !== 200) {
        const verb = wanted === 'paused' ? 'pause' : 'resume';
        const text = `Failed: ${verb} cluster management status code=${reply.status}, (${reply.body})`;
        const advice = options.tool === 'matriarch' ? adviceFor(reply.status) : null;
        if (advice !== null) line.stderr.write(`${advice}\n`);
        return report(options, line, { done: false, isMade: false, text });
      }
      const missing = options.wait ? await waitForAll(cluster, view, { options, line }) : [];
      if (isStop(missing)) return missing;
      return report(options, line, concluded(wanted, missing, loopWaitSeconds(view)));
    },
    'the-configured-one',
  );
}

async function patch(
  cluster: Cluster,
  view: ClusterView,
  { wanted, line }: { readonly wanted: PauseOptions['wanted']; readonly line: OperatorLine },
): Promise<Extract<AgentReply, { kind: 'answered' }> | Stop> {
  const body = { pause: wanted === 'paused' ? true : null };
  for (const member of leaderFirst(view)) {
    const reply = await cluster.call(member, { method: 'PATCH', path: '/config', body }, writeLimit(view));
    if (reply.kind === 'answered') return reply;
    warn(line, reply.reason);
    warn(line, `Member ${member.name} is not accessible`);
  }
  return stop('Can not find accessible cluster member');
}

/**
 * Once a second, for one loop and a second, until all members that were there publish it.
 * @returns those that have published something since, and not that: whoever is silent has not refused.
 */
async function waitForAll(
  cluster: Cluster,
  before: ClusterView,
  { options: { wanted, format }, line }: { readonly options: PauseOptions; readonly line: OperatorLine },
): Promise<readonly Member[] | Stop> {
  const verb = wanted === 'paused' ? 'pause' : 'resume';
  const output = format === 'json' ? line.stderr : line.stdout;
  output.write(`'${verb}' request sent, waiting until it is recognized by all nodes\n`);
  const expected = before.members.filter((each) => each.apiUrl !== null);
  const rounds = loopWaitSeconds(before) + 1;
  for (let round = 0; ; round += 1) {
    const view = await cluster.view();
    if (isStop(view))
      return { ...view, line: `${view.line}\nCluster management is ${wanted}; which members know is not known` };
    const open = expected.flatMap(({ name, modRevision }) =>
      view.members
        .filter((each) => each.name === name && each.pause !== (wanted === 'paused'))
        .map((now) => {
          return { now, hasSpoken: now.modRevision !== modRevision };
        }),
    );
    if (open.length === 0) return [];
    if (round === rounds) return open.filter(({ hasSpoken }) => hasSpoken).map(({ now }) => now);
    await line.sleep(1_000);
  }
}

/** `isMade`: the change stands, whether or not all members have said so. */
type Result = { readonly done: boolean; readonly isMade: boolean; readonly text: string };

function concluded(wanted: PauseOptions['wanted'], missing: readonly Member[], seconds: number): Result {
  if (missing.length === 0) return { done: true, isMade: true, text: `Success: cluster management is ${wanted}` };
  const names = missing.map((each) => each.name).join(', ');
  const verb = wanted === 'paused' ? 'pause' : 'resume';
  return {
    done: false,
    isMade: true,
    text: `${names} members didn't recognized ${verb} state after ${seconds} seconds`,
  };
}

function report(
  { format, tool, wanted }: PauseOptions,
  { stdout }: OperatorLine,
  { done, isMade, text }: Result,
): ExitCode {
  const isPausedNow = (wanted === 'paused') === isMade;
  stdout.write(format === 'json' ? `${renderSpacedJson({ done, paused: isPausedNow, message: text })}\n` : `${text}\n`);
  return done ? 0 : codeOfFailure(tool);
}
