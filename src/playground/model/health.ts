import type { NodeAnswer } from '../../wire/rest/node-report.ts';
import type { NodeName } from '../names.ts';
import type { Model, NodeModel } from './model.ts';
import { currentGapMs } from './probe.ts';

/**
 * Is what is left of the cluster healthy? The nodes that nobody killed, froze or cut off have one primary with the lock
 * and otherwise streaming replicas on its timeline, and clients write. All of it seen after the last thing that was done:
 * what was seen before says nothing.
 */
export function healthOf(model: Model): Health {
  const whole = model.nodes.filter(isWhole);
  const answers: { readonly name: NodeName; readonly said: NodeAnswer }[] = [];
  for (const node of whole) {
    const { answer, name } = node;
    if (node.silentSince !== null || answer === null || answer.askedAt <= model.lastActionAt) {
      return not(`${name} has not answered yet`);
    }
    answers.push({ name, said: answer.said });
  }
  const leaders = answers.filter(({ said }) => isLeader(said));
  const [leader] = leaders;
  if (leader === undefined) return not('there is no running primary with the lock');
  if (leaders.length > 1) return not(`${leaders.map(({ name }) => name).join(' and ')} both claim to lead`);
  for (const { name, said } of answers) {
    if (name === leader.name) continue;
    if (said.replication !== 'streaming') return not(`${name} does not stream (${said.state})`);
    if (said.timeline !== leader.said.timeline) return not(`${name} is on another timeline than ${leader.name}`);
  }
  const { last } = model.probe;
  const gap = currentGapMs(model.probe, model.now);
  if (last === null || gap === null || last.at <= model.lastActionAt || gap > WRITING_MS) {
    return not('no client writes');
  }
  return { kind: 'healthy', leader: leader.name };
}

export type Health =
  | { readonly kind: 'healthy'; readonly leader: NodeName }
  | { readonly kind: 'unhealthy'; readonly because: string };

/** Nobody killed, froze or cut it off. */
export function isWhole({ condition }: NodeModel): boolean {
  return condition.agent === 'running' && condition.network === 'whole';
}

/** Holds the lock with a primary that runs. */
export function isLeader(said: NodeAnswer): boolean {
  return said.lock.kind === 'held' && said.role === 'primary' && said.state === 'running';
}

/** Longer without a write than that is an outage. */
const WRITING_MS = 1_000;

function not(because: string): Health {
  return { kind: 'unhealthy', because };
}
