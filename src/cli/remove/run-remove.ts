import type { ExitCode, OperatorLine } from '../command-line.ts';
import type { SeenCluster } from '../groups.ts';
import type { ListFormat } from '../list/formats.ts';
import { renderList } from '../list/render-list.ts';
import { askText } from '../prompts.ts';
import { GROUP_MISSING, isStop, type Stop, stop } from '../stop.ts';
import type { Tool } from '../tool.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';

export type RemoveOptions = ClusterOptions & { readonly tool: Tool; readonly format: ListFormat };

/** `remove`: everything that the store has of a cluster is deleted, after two or three questions (spec/ctl.md 8.7). */
export function runRemove(options: RemoveOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const { name, grouping } = cluster;
    const seen = await cluster.view();
    if (isStop(seen)) return seen;
    if (grouping.kind === 'all') return stop(GROUP_MISSING);
    const { groups } = seen;
    line.stdout.write(renderList({ name, groups, grouping, format: options.format, extended: false, order: 'names' }));
    const refusal = await askThrice(name, seen, line);
    if (refusal !== null) return refusal;
    const failure = await remove(cluster);
    if (failure === null && options.tool === 'matriarch') line.stderr.write(`Removed cluster ${name} from the store\n`);
    return failure ?? 0;
  });
}

/** The last question only where somebody leads. @returns `null`: go on. */
async function askThrice(name: string, { lock }: SeenCluster, line: OperatorLine): Promise<Stop | null> {
  const questions = [
    {
      question: 'Please confirm the cluster name to remove',
      answer: name,
      otherwise: 'Cluster names specified do not match',
    },
    {
      question: `You are about to remove all information in DCS for ${name}, please type: "Yes I am aware"`,
      answer: 'Yes I am aware',
      otherwise: 'You did not exactly type "Yes I am aware"',
    },
    ...(lock === null
      ? []
      : [
          {
            question: 'This cluster currently is healthy. Please specify the leader name to continue',
            answer: lock.holder,
            otherwise: 'You did not specify the current leader of the cluster',
          },
        ]),
  ];
  for (const { question, answer, otherwise } of questions) {
    const typed = await askText(line, question);
    if (isStop(typed)) return typed;
    if (typed !== answer) return stop(otherwise);
  }
  return null;
}

/** @returns `null`: it is gone. */
async function remove(cluster: Cluster): Promise<Stop | null> {
  const outcome = await cluster.removeEverything();
  if (outcome.kind === 'written') return null;
  const reason = 'reason' in outcome ? outcome.reason : outcome.kind;
  return stop(`The store did not confirm the removal (${reason}); see list ${cluster.name} for what is left`);
}
