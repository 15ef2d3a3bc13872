import type { Decision } from '../domain/decision.ts';
import type { Memory } from '../domain/memory.ts';
import type { Observation } from '../domain/observation.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { bootstrap, failedCreation } from './bootstrap.ts';
import { campaign } from './campaign.ts';
import { wait } from './conclude.ts';
import { crashedPrimary } from './crashed-primary.ts';
import { demoteCluster } from './demote-cluster.ts';
import { failsafe } from './failsafe.ts';
import { followFormerLeader } from './follow-former-leader.ts';
import { followRemote } from './follow-remote.ts';
import { guardianRest } from './guardian-rest.ts';
import { identity } from './identity.ts';
import { lead } from './lead.ts';
import { leaving } from './leaving.ts';
import { finishStop, lockLoss } from './lock-loss.ts';
import { orderedCopy } from './ordered-copy.ts';
import { orderedRestart } from './ordered-restart.ts';
import { orphans } from './orphans.ts';
import { ownLock } from './own-lock.ts';
import { pause } from './pause.ts';
import { requiredWatchdog } from './required-watchdog.ts';
import { rewindOrNewCopy } from './rewind-or-new-copy.ts';
import { starting } from './starting.ts';
import { storeLoss, withoutStore } from './store-loss.ts';
import { switchoverAcceptance } from './switchover-acceptance.ts';
import { syncReplication } from './sync-replication.ts';
import { taskUnderWay } from './task-under-way.ts';
import { whenToPromote } from './when-to-promote.ts';
import { whomToFollow } from './whom-to-follow.ts';

/** A question, answered from one file: a decision, or `null` when it does not arise. */
type Question = (o: Observation, m: Memory) => Decision | null;

/** The first question that gives an answer decides. */
const ladder: readonly { readonly asks: string; readonly answer: Question }[] = [
  { asks: 'Is PostgreSQL known, and the heartbeat?', answer: lookFirst },
  { asks: 'Is a long task under way?', answer: taskUnderWay },
  { asks: 'Are there backends without a postmaster?', answer: orphans },
  { asks: 'The cluster is paused: what may be done?', answer: pause },
  { asks: 'The store does not confirm the lease: do all members agree that this primary goes on?', answer: failsafe },
  { asks: 'Is the lock lost while PostgreSQL can write?', answer: lockLoss },
  { asks: 'Is the lease running out because the store does not confirm it?', answer: storeLoss },
  { asks: 'Was the agent asked to leave?', answer: leaving },
  { asks: 'Has the creation of the cluster failed, and does its server still run?', answer: failedCreation },
  { asks: 'Is a guardian armed that has nothing to guard?', answer: guardianRest },
  { asks: 'Does the store answer?', answer: storeFirst },
  { asks: 'Is my own last write in the picture?', answer: settleFirst },
  { asks: 'The cluster follows another one, and PostgreSQL can write here: stop it?', answer: demoteCluster },
  { asks: 'Is a new copy ordered in place of what lies here?', answer: orderedCopy },
  { asks: 'Is the directory empty, or is this the cluster’s bootstrap?', answer: bootstrap },
  { asks: 'Does the directory belong to this cluster?', answer: identity },
  { asks: 'Is the lock mine under an older lease?', answer: ownLock },
  { asks: 'The lock is mine and a required watchdog cannot be active: give it up?', answer: requiredWatchdog },
  { asks: 'The lock is mine and PostgreSQL is down: start, or give up?', answer: crashedPrimary },
  { asks: 'PostgreSQL is down and the lock is not mine: rewind, copy, start?', answer: rewindOrNewCopy },
  { asks: 'Is a restart ordered, or due?', answer: orderedRestart },
  { asks: 'Is PostgreSQL starting or silent?', answer: starting },
  { asks: 'The lock is mine and PostgreSQL is a standby: promote?', answer: whenToPromote },
  { asks: 'I lead: is a switchover requested?', answer: switchoverAcceptance },
  { asks: 'Does PostgreSQL have the configuration that it should have?', answer: applyConfiguration },
  { asks: 'I lead in a synchronous mode: do key and names say what they should?', answer: syncReplication },
  { asks: 'I lead: is anything to do?', answer: lead },
  { asks: 'The cluster follows another one: whom do I follow?', answer: followRemote },
  { asks: 'Another member leads: whom do I follow?', answer: whomToFollow },
  {
    asks: 'Nobody leads after a switchover, and I lack what was handed over: follow the old leader?',
    answer: followFormerLeader,
  },
  { asks: 'Nobody leads: campaign?', answer: campaign },
];

/** What should this member do now? Pure: the same observation and memory give the same decision. */
export function decide(o: Observation, m: Memory): Decision {
  for (const { answer } of ladder) {
    const decision = answer(o, m);
    if (decision !== null) return notBeforeBackoff(decision, o, m);
  }
  return wait('nothing-to-decide', 'the next event');
}

/** A decision that failed is not repeated before its back-off; ending orphans and stopping never wait. */
function notBeforeBackoff(decision: Decision, o: Observation, m: Memory): Decision {
  const backoff = m.backoffs.get(decision.rule);
  if (backoff === undefined || backoff.until <= o.now) return decision;
  const { action } = decision;
  if (action.kind === 'stay' || action.kind === 'wait' || action.kind === 'exit') return decision;
  if (
    action.kind === 'run' &&
    (action.task.kind === 'stop' || action.task.kind === 'end-orphans') &&
    backoff.failures < 3
  ) {
    return decision;
  }
  return wait('backing-off', `another try of ${decision.rule}`, backoff.until, {
    rule: decision.rule,
    failures: backoff.failures,
    reason: backoff.reason,
  });
}

function lookFirst(o: Observation, m: Memory): Decision | null {
  if (o.postgres === null || o.lease === null)
    return wait('look-first', o.postgres === null ? 'PostgreSQL' : 'the heartbeat');
  // What was just done to PostgreSQL is not in the last look; the guardian keeps the deadline meanwhile.
  if (o.postgresIsCurrent || o.task !== null) return null;
  return finishStop(o, m) ?? wait('look-first', 'another look at PostgreSQL');
}

function storeFirst(o: Observation, m: Memory): Decision | null {
  if (o.store.kind === 'unknown') return wait('store-not-seen', 'the store');
  return m.bootstrap.kind === 'none'
    ? withoutStore(o, m)
    : o.store.kind === 'silent'
      ? wait('store-not-seen', 'the store')
      : null;
}

function settleFirst(o: Observation): Decision | null {
  return o.store.kind === 'unsettled' ? wait('own-writes-unsettled', o.store.why) : null;
}
