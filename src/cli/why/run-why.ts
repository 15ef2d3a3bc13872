import type { ClusterView, Member } from '../../domain/cluster-view.ts';
import { memberOf } from '../../domain/cluster-view.ts';
import type { HistoryEvent } from '../../domain/history-event.ts';
import { memberName } from '../../domain/names.ts';
import { millis } from '../../domain/time.ts';
import { readDecision, type ToldDecision } from '../../wire/rest/read-decision.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { askEvents } from '../events/run-events.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';
import { renderWhy } from './render-why.ts';

export type WhyOptions = ClusterOptions & {
  /** `null`: the leader, or with nobody leading everybody. */
  readonly member: string | null;
  readonly format: 'text' | 'json';
  readonly ruleSays: (rule: string) => string | null;
};

/** `why [MEMBER]`: how a member came to its role, and what it does now, as its own agent tells it. */
export function runWhy(options: WhyOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const view = await cluster.view();
    if (isStop(view)) return view;
    const members = membersAsked(view, options.member, cluster);
    if (isStop(members)) return members;
    let code: ExitCode = 0;
    for (const member of members) {
      const told = await askDecision(cluster, member);
      if (isStop(told)) {
        // What the others say is worth no less for it.
        line.stderr.write(`${told.line}\n`);
        code = 1;
      } else {
        const trouble = await lastTrouble({ options, cluster, member, told });
        line.stdout.write(explain({ options, cluster, view, member, told, trouble }));
      }
    }
    return code;
  });
}

function membersAsked(view: ClusterView, named: string | null, cluster: Cluster): readonly Member[] | Stop {
  const name = named ?? view.lock?.holder ?? null;
  if (name === null) return view.members.length > 0 ? view.members : stop(`Cluster ${cluster.name} has no members`);
  const member = memberOf(view, memberName(name));
  if (member !== null) return [member];
  const known = view.members.map((each) => each.name).join(', ');
  return stop(
    `${name} has no key in the store, so its agent cannot be asked. Members of cluster ${cluster.name}: ${known}`,
  );
}

/** An agent answers this from memory. */
const ANSWER_LIMIT = millis(5_000);

/** What the member's own agent decided last, and why. */
export async function askDecision(cluster: Cluster, member: Member): Promise<ToldDecision | Stop> {
  const { name, agent } = member;
  if (agent === 'foreign') return stop(`The agent of ${name} is not Matriarch's and does not explain itself`);
  const reply = await cluster.call(member, { method: 'GET', path: '/decision', body: null }, ANSWER_LIMIT);
  if (reply.kind === 'no-answer') {
    return stop(`The agent of ${name} does not answer at ${member.apiUrl ?? 'no address'}: ${reply.reason}`);
  }
  const told = readDecision(reply.body);
  return told ?? stop(`The agent of ${name} has not decided anything yet (status ${reply.status})`);
}

/** What it waits for may hang on what failed before, which its decision does not say again. */
async function lastTrouble(asked: {
  readonly options: WhyOptions;
  readonly cluster: Cluster;
  readonly member: Member;
  readonly told: ToldDecision;
}): Promise<HistoryEvent | null> {
  if (asked.options.format === 'json' || asked.told.waitsFor === null) return null;
  const remembered = await askEvents(asked.cluster, asked.member, EVENTS_ASKED);
  if (remembered.kind === 'silent') return null;
  return remembered.events.findLast(({ level }) => level === 'warn' || level === 'error') ?? null;
}

const EVENTS_ASKED = 50;

function explain(found: {
  readonly options: WhyOptions;
  readonly cluster: Cluster;
  readonly view: ClusterView;
  readonly member: Member;
  readonly told: ToldDecision;
  readonly trouble: HistoryEvent | null;
}): string {
  const { options, cluster, view, member, told, trouble } = found;
  const leader = view.lock?.holder ?? null;
  if (options.format === 'json') {
    const { document } = told;
    return `${renderSpacedJson({ cluster: cluster.name, leader, leads: leader === member.name, ...document })}\n`;
  }
  const { ruleSays } = options;
  return renderWhy({ cluster: cluster.name, member: member.name, leader, told, trouble, ruleSays });
}
