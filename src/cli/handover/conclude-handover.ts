import { renderSpacedJson } from '../../wire/rest/spaced-json.ts';
import { adviceFor } from '../advice.ts';
import type { ExitCode } from '../command-line.ts';
import { isStop } from '../stop.ts';
import { codeOfFailure } from '../tool.ts';
import { clusterTable, type HandoverResult, type HandoverRun, patience } from './handover-run.ts';
import type { HandoverWatch } from './watch.ts';
import type { Wish } from './wish.ts';

/** Patroni's tool shows what it was told. */
export function concludeAsTold(
  { options, line, cluster }: HandoverRun,
  { says, shown, outcome }: HandoverResult,
): ExitCode {
  line.stdout.write(`${says}\n${shown === null ? '' : clusterTable(cluster, shown)}`);
  return outcome === 'failed' || outcome === 'open' ? codeOfFailure(options.tool) : 0;
}

/** How long the new leader's PostgreSQL may take. */
const PROMOTION_SECONDS = 15;

/** Ours says what came of it in the end. */
export async function concludeAsSeen(
  run: HandoverRun,
  result: HandoverResult,
  watch: HandoverWatch,
): Promise<ExitCode> {
  const { options, line, cluster } = run;
  if (options.format === 'text') line.stdout.write(`${result.says}\n`);
  const advice = result.status === null ? null : adviceFor(result.status);
  if (advice !== null) line.stderr.write(`${advice}\n`);
  const leader = await leaderInTheEnd(run, result, watch);
  const isDone = result.outcome === 'scheduled' || (leader !== null && isWanted(run.wish, leader));
  if (options.format === 'json') {
    const { outcome, status, says: message } = result;
    const { handover } = options;
    line.stdout.write(`${renderSpacedJson({ handover, done: isDone, outcome, status, leader, message })}\n`);
  } else if (result.outcome !== 'failed') {
    const view = await cluster.view();
    if (!isStop(view)) line.stdout.write(clusterTable(cluster, view));
  }
  return isDone ? 0 : 1;
}

/** Somebody else than before, whose PostgreSQL is a primary; `null`: not within the time that it may take. */
async function leaderInTheEnd(
  { line, view }: HandoverRun,
  { outcome }: HandoverResult,
  watch: HandoverWatch,
): Promise<string | null> {
  if (outcome === 'failed' || outcome === 'scheduled') return null;
  const seconds = outcome === 'open' ? patience(view) : PROMOTION_SECONDS;
  const leader = await watch.untilDone(seconds);
  if (leader === null) {
    line.stderr.write(`Not done after ${seconds} s. What the leader's agent is at: matriarch why\n`);
  }
  return leader;
}

function isWanted({ candidate }: Wish, leader: string): boolean {
  return candidate === null || candidate === '' || candidate === leader;
}
