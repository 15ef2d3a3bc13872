import type { Member } from '../../domain/cluster-view.ts';
import type { HistoryEvent } from '../../domain/history-event.ts';
import { isJsonList, isJsonObject } from '../../domain/json.ts';
import { seconds } from '../../domain/time.ts';
import type { AgentReply } from '../../ports/agent-api.ts';
import { parseJson } from '../../wire/json.ts';
import { readEvent } from '../../wire/rest/events-document.ts';
import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import type { ExitCode, OperatorLine } from '../command-line.ts';
import { painter } from '../paint.ts';
import { isStop, stop } from '../stop.ts';
import { type Cluster, type ClusterOptions, withCluster } from '../with-cluster.ts';
import { eventLine } from './event-line.ts';

export type EventsOptions = ClusterOptions & {
  /** Empty: all. */
  readonly members: readonly string[];
  /** The newest so many. */
  readonly limit: number;
  readonly format: 'text' | 'json';
};

/** `events`: what the agents remember of what changed, in one order; newest last. Who cannot tell is named. */
export function runEvents(options: EventsOptions, line: OperatorLine): Promise<ExitCode> {
  return withCluster(options, line, async (cluster) => {
    const seen = await cluster.view();
    if (isStop(seen)) return seen;
    const all = seen.groups.flatMap(({ view }) => view.members);
    const unknown = options.members.filter((name) => !all.some((each) => each.name === name));
    if (unknown.length > 0 || all.length === 0) return stop(notThere(cluster.name, { unknown, all }));
    const asked = all.filter(({ name }) => options.members.length === 0 || options.members.includes(name));
    const told = await Promise.all(asked.map((member) => askEvents(cluster, member, options.limit)));
    const silent = told.flatMap((each) => (each.kind === 'silent' ? [each] : []));
    const events = told
      .flatMap((each) => (each.kind === 'told' ? each.events : []))
      .sort(byTime)
      .slice(-options.limit);
    if (options.format === 'json') {
      const named = silent.map(({ member, reason }) => ({ member, reason }));
      line.stdout.write(`${renderSpacedJson({ events: events.map((each) => ({ ...each })), silent: named })}\n`);
    } else {
      const paint = painter(line.stdout, line);
      for (const event of events) line.stdout.write(`${eventLine(event, paint)}\n`);
    }
    for (const { member, reason } of silent) line.stderr.write(`Nothing is known from ${member}: ${reason}\n`);
    return silent.length === 0 ? 0 : 1;
  });
}

function notThere(
  cluster: string,
  { unknown, all }: { readonly unknown: readonly string[]; readonly all: readonly Member[] },
): string {
  if (all.length === 0) return `Cluster ${cluster} has no members`;
  const known = all.map(({ name }) => name).join(', ');
  return `No such member: ${unknown.join(', ')}. Members of cluster ${cluster}: ${known}`;
}

type Told =
  | { readonly kind: 'told'; readonly events: readonly HistoryEvent[] }
  | { readonly kind: 'silent'; readonly member: string; readonly reason: string };

/** An agent answers this from memory. */
const ANSWER_LIMIT = seconds(5);

/** The newest `limit` events that a member's own agent remembers, oldest first. */
export async function askEvents(cluster: Cluster, member: Member, limit: number): Promise<Told> {
  const path = `/events?limit=${limit}`;
  const reply = await cluster.call(member, { method: 'GET', path, body: null }, ANSWER_LIMIT);
  const events = eventsIn(reply);
  return typeof events === 'string'
    ? { kind: 'silent', member: member.name, reason: events }
    : { kind: 'told', events };
}

/** @returns a sentence where the answer holds no events. */
function eventsIn(reply: AgentReply): readonly HistoryEvent[] | string {
  if (reply.kind === 'no-answer') return `its agent does not answer (${reply.reason})`;
  if (reply.status !== 200) return `its agent keeps no events (status ${reply.status})`;
  const parsed = parseJson(reply.body);
  const list = parsed.kind === 'parsed' && isJsonObject(parsed.json) ? parsed.json['events'] : null;
  if (!isJsonList(list)) return 'its answer cannot be read';
  return list.map(readEvent).filter((each) => each !== null);
}

/** Events of one instant stay in the order in which their members told them. */
function byTime(a: HistoryEvent, b: HistoryEvent): number {
  return Date.parse(a.at) - Date.parse(b.at);
}
