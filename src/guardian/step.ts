import { fastStopAt, hardFenceAt } from '../domain/fencing.ts';
import type { Instant } from '../domain/time.ts';
import { earliest, later } from '../domain/time.ts';
import type { GuardianEffect, GuardianEvent, GuardianMessage, PostgresProcesses } from '../ports/guardian.ts';
import { become, change, type Step } from './draft.ts';
import type { Duty, GuardianState } from './state.ts';
import { armedUntil } from './state.ts';
import { KILL_AGAIN_AFTER, LONELY_LIMIT, STUBBORN_AGAIN_AFTER, STUBBORN_ROUNDS } from './timing.ts';
import { answered, armedAnew, configured, isLeftCounting, probe } from './watchdog.ts';
import { feedDueAt, holdsWatchdog, retireWithWatchdog, tendWatchdog, withWatchdog } from './watchdog-duty.ts';

/**
 * One step of the guardian: fence PostgreSQL when its deadline comes and no later one has arrived. Neither the
 * agent's death nor its silence changes that; only `disarm` does.
 * @see docs/adr/0004-heartbeat-and-guardian.md
 */
export function stepGuardian(state: GuardianState, event: GuardianEvent): Step {
  const awake = state.timerAt !== null && event.at >= state.timerAt ? { ...state, timerAt: null } : state;
  return rest(tendWatchdog(climb(hear({ state: awake, effects: [] }, event), event.at), event.at), event.at);
}

function hear(step: Step, event: GuardianEvent): Step {
  const { at } = event;
  switch (event.kind) {
    case 'started':
    case 'timer':
      return step;
    case 'message':
      return obey(step, at, event.message);
    case 'connected': {
      // A new agent takes over. What an older one asked is nobody's question any more.
      const { pid, duty, watchdogTold: watchdog } = step.state;
      const hello = { kind: 'hello', pid, armedUntil: armedUntil(duty), watchdog } as const;
      const agent = { kind: 'connected' } as const;
      return change(step, { agent, asked: [], retiring: false }, { kind: 'send', report: hello });
    }
    case 'disconnected':
      return change(step, { agent: { kind: 'gone', since: at }, asked: [] });
    case 'scanned':
      return scanned(step, at, event.processes);
    case 'watchdog-answered':
      return withWatchdog(step, answered(step.state.watchdog, at, event.answer));
  }
}

function obey(step: Step, at: Instant, message: GuardianMessage): Step {
  const { number } = message;
  switch (message.kind) {
    case 'arm': {
      const { deadline } = message;
      const report = { kind: 'armed', number, deadline } as const;
      const isLater = deadline > (armedUntil(step.state.duty) ?? 0);
      const isProven = message.isUnproven !== true;
      const watchdog = armedAnew(step.state.watchdog, at, { deadline, isLater, isProven });
      const duty = armed(step.state.duty, deadline);
      return become(step, { ...step.state, duty, watchdog }, { kind: 'send', report });
    }
    case 'disarm': {
      const { duty } = step.state;
      // Killing that has begun is finished; nothing is armed after it.
      const left: Duty = duty.kind === 'killing' ? { ...duty, next: null } : { kind: 'none' };
      // Nobody has said what PostgreSQL is, but whether any of it is there can be seen.
      const isSettled = message.isUnproven !== true || step.state.watchdog.isSettled;
      const watchdog = { ...step.state.watchdog, isSettled };
      const rested = change(step, { duty: left, watchdog }, { kind: 'send', report: { kind: 'disarmed', number } });
      return isSettled || !isLeftCounting(watchdog) ? rested : change(rested, {}, { kind: 'scan' });
    }
    case 'confirm-quiet':
      return change(step, { asked: [...step.state.asked, number] }, { kind: 'scan' });
    case 'ping':
      // What has become of the watchdog is told first: a promotion may wait for this answer.
      return pong(tendWatchdog(withWatchdog(step, probe(step.state.watchdog)), at), number);
    case 'watchdog':
      return pong(withWatchdog(step, configured(step.state.watchdog, message.settings)), number);
    case 'retire':
      return change(retireWithWatchdog(step), { retiring: true });
  }
}

function pong(step: Step, number: number): Step {
  return become(step, step.state, { kind: 'send', report: { kind: 'pong', number } });
}

/** A later deadline after the fast stop began is watched from now on; PostgreSQL goes on stopping all the same. */
function armed(duty: Duty, deadline: Instant): Duty {
  if (duty.kind === 'killing') return deadline > duty.deadline ? { ...duty, next: deadline } : duty;
  if (duty.kind === 'stopping' && deadline <= duty.deadline) return { ...duty, deadline };
  return { kind: 'watching', deadline };
}

/** The ladder: an orderly fast stop first, then the hard fence, then again until nothing is left. */
function climb(step: Step, at: Instant): Step {
  const { duty } = step.state;
  if (duty.kind === 'none') return step;
  const { deadline } = duty;
  if (duty.kind === 'killing') return duty.againAt !== null && at >= duty.againAt ? kill(step, duty) : step;
  if (at >= hardFenceAt(deadline)) {
    return kill(step, { kind: 'killing', deadline, rounds: 0, againAt: null, next: null });
  }
  if (duty.kind === 'stopping' || at < fastStopAt(deadline)) return step;
  return change(
    step,
    { duty: { kind: 'stopping', deadline } },
    { kind: 'fast-stop' },
    { kind: 'send', report: { kind: 'fencing', step: 'fast-stop', deadline } },
    { kind: 'log', level: 'warn', event: 'fast-stop', fields: { deadline, agent: step.state.agent.kind } },
  );
}

function kill(step: Step, duty: Extract<Duty, { kind: 'killing' }>): Step {
  const rounds = duty.rounds + 1;
  const killing = change(step, { duty: { ...duty, rounds, againAt: null } }, { kind: 'hard-fence' });
  if (rounds > 1 && rounds !== STUBBORN_ROUNDS) return killing;
  const { deadline } = duty;
  return change(
    killing,
    {},
    { kind: 'send', report: { kind: 'fencing', step: 'hard-fence', deadline } },
    {
      kind: 'log',
      level: rounds === 1 ? 'warn' : 'error',
      event: rounds === 1 ? 'hard-fence' : 'processes-do-not-die',
      fields: { deadline, rounds },
    },
  );
}

function scanned(step: Step, at: Instant, processes: PostgresProcesses): Step {
  const processCount = processes.others.length + (processes.postmaster === null ? 0 : 1);
  const answers = step.state.asked.map((number): GuardianEffect => {
    const report =
      processCount === 0 ? ({ kind: 'quiet', number } as const) : ({ kind: 'busy', number, processCount } as const);
    return { kind: 'send', report };
  });
  const answered = change(step, { asked: [] }, ...answers);
  const { duty } = step.state;
  if (duty.kind !== 'killing') {
    const isSettled = step.state.watchdog.isSettled || (duty.kind === 'none' && processCount === 0);
    return change(answered, { watchdog: { ...step.state.watchdog, isSettled } });
  }
  if (processCount > 0) {
    const pause = duty.rounds < STUBBORN_ROUNDS ? KILL_AGAIN_AFTER : STUBBORN_AGAIN_AFTER;
    return change(answered, { duty: { ...duty, againAt: later(at, pause) } });
  }
  const { deadline, next } = duty;
  return change(
    answered,
    {
      duty: next === null ? { kind: 'none' } : { kind: 'watching', deadline: next },
      watchdog: { ...step.state.watchdog, isSettled: next === null },
    },
    { kind: 'send', report: { kind: 'fencing', step: 'fenced', deadline } },
    { kind: 'log', level: 'warn', event: 'fenced', fields: { deadline, rounds: duty.rounds } },
  );
}

/** End when there is nothing left to do, or say when to look again. */
function rest(step: Step, at: Instant): Step {
  const { duty, agent, retiring } = step.state;
  const lonelyUntil = agent.kind === 'gone' ? later(agent.since, LONELY_LIMIT) : null;
  const isFree = duty.kind === 'none' && !holdsWatchdog(step.state);
  if (isFree && (retiring || (lonelyUntil !== null && at >= lonelyUntil))) {
    return change(step, { timerAt: null }, { kind: 'end' });
  }
  const rung = nextRung(duty) ?? (isFree ? lonelyUntil : null);
  const timerAt = soonest(rung, feedDueAt(step.state, at));
  if (timerAt === step.state.timerAt) return step;
  const timed = become(step, { ...step.state, timerAt });
  return timerAt === null ? timed : become(timed, timed.state, { kind: 'set-timer', at: timerAt });
}

function nextRung(duty: Duty): Instant | null {
  switch (duty.kind) {
    case 'none':
      return null;
    case 'watching':
      return fastStopAt(duty.deadline);
    case 'stopping':
      return hardFenceAt(duty.deadline);
    case 'killing':
      return duty.againAt;
  }
}

function soonest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return earliest(a, b);
}
