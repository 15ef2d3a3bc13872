import type { ClusterView } from '../../domain/cluster-view.ts';
import { isStandbyCluster } from '../../domain/standby-cluster.ts';
import type { WallTime } from '../../domain/time.ts';
import type { OperatorLine } from '../command-line.ts';
import { inAnHour } from '../in-an-hour.ts';
import { isPaused } from '../leader-first.ts';
import { confirm, prompt } from '../prompts.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import { candidateProblem, candidatesIn, type Handover, isAsynchronous } from './candidates.ts';
import { readScheduled } from './scheduled.ts';

/** What an operator typed. */
export type HandoverWords = {
  readonly handover: Handover;
  readonly leader: string | null;
  readonly candidate: string | null;
  readonly scheduled: string | null;
  /** Ask nothing. */
  readonly force: boolean;
};

/** What an agent is asked for. `leader`: `null` in a failover. */
export type Wish = {
  readonly leader: string | null;
  /** Empty when somebody was asked and named nobody. */
  readonly candidate: string | null;
  readonly scheduledAt: string | null;
};

type Given = {
  readonly words: HandoverWords;
  readonly view: ClusterView;
  readonly cluster: string;
  readonly line: OperatorLine;
};

/** Complete what was typed by asking, and refuse what makes no sense (spec/ctl.md 8.1, steps 3 to 13). */
export async function askForWish(given: Given): Promise<Wish | Stop> {
  const leader = await leaderWanted(given);
  if (isStop(leader)) return leader;
  const candidate = await candidateWanted(given);
  if (isStop(candidate)) return candidate;
  const scheduledAt = await scheduleWanted(given);
  if (isStop(scheduledAt)) return scheduledAt;
  return (await refusal(given, scheduledAt)) ?? { leader, candidate, scheduledAt };
}

async function leaderWanted({ words, view, cluster, line }: Given): Promise<string | null | Stop> {
  if (words.handover === 'failover') return null;
  const present = view.lock?.holder ?? null;
  if (present === null) return stop('This cluster has no leader');
  const isStandby = view.config.kind === 'valid' && isStandbyCluster(view.config.config);
  const question = isStandby ? 'Standby Leader' : 'Primary';
  const named = words.leader ?? (words.force ? present : await prompt(line, question, present));
  if (isStop(named)) return named;
  return named === present ? named : stop(`Member ${named} is not the leader of cluster ${cluster}`);
}

async function candidateWanted({ words, view, cluster, line }: Given): Promise<string | null | Stop> {
  const { handover, force } = words;
  const candidates = candidatesIn(view, handover);
  if (isStop(candidates)) return candidates;
  const listed = candidates.map((name) => `'${name}'`).join(', ');
  const wanted = words.candidate ?? (force ? null : await prompt(line, `Candidate [${listed}]`, ''));
  if (isStop(wanted)) return wanted;
  if (wanted === null || wanted === '') {
    return handover === 'switchover' ? wanted : stop('Failover could be performed only to a specific candidate');
  }
  const problem = candidateProblem(wanted, { candidates, leader: view.lock?.holder ?? null, cluster });
  if (problem !== null) return problem;
  const chosen = candidates.find((name) => name === wanted);
  if (handover === 'switchover' || force || chosen === undefined || !isAsynchronous(view, chosen)) return wanted;
  const sure = await confirm(line, `Are you sure you want to failover to the asynchronous node ${wanted}?`);
  return sure === 'no' ? stop('Aborting failover') : sure === 'yes' ? wanted : sure;
}

async function scheduleWanted({ words, view, line }: Given): Promise<string | null | Stop> {
  if (words.handover === 'failover') return null;
  const now = line.wallNow();
  const asked = words.scheduled ?? (words.force ? 'now' : await prompt(line, whenQuestion(now), 'now'));
  if (isStop(asked)) return asked;
  const at = readScheduled(asked, now);
  if (isStop(at) || at === null) return at;
  return isPaused(view) ? stop("Can't schedule switchover in the paused state") : at;
}

function whenQuestion(now: WallTime): string {
  return `When should the switchover take place (e.g. ${inAnHour(now)} ) `;
}

/** @returns `null` when it goes on. */
async function refusal({ words, view, cluster, line }: Given, scheduledAt: string | null): Promise<Stop | null> {
  const { handover, force } = words;
  if (force) return null;
  const leader = view.lock?.holder ?? null;
  const demoting = leader === null ? '' : `, demoting current leader ${leader}`;
  const question =
    scheduledAt === null
      ? `Are you sure you want to ${handover} cluster ${cluster}${demoting}?`
      : `Are you sure you want to schedule switchover of cluster ${cluster} at ${scheduledAt}${demoting}?`;
  const sure = await confirm(line, question);
  if (sure === 'yes') return null;
  return sure === 'no' ? stop(`Aborting ${scheduledAt === null ? '' : 'scheduled '}${handover}`) : sure;
}
