import type { Instant } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { GuardianEffect, GuardianEvent, GuardianReport, PostgresProcesses } from '../ports/guardian.ts';
import type { WatchdogDevice } from '../ports/watchdog.ts';
import { initialGuardian } from './state.ts';
import { stepGuardian } from './step.ts';
import type { GuardianTracer } from './trace.ts';

/** What the guardian needs of the world; everything that touches PostgreSQL is synchronous. */
export type GuardianWorld = {
  readonly pid: number;
  readonly clock: Clock;
  scan(): PostgresProcesses;
  fastStop(): void;
  hardFence(): PostgresProcesses;
  readonly watchdog: WatchdogDevice;
  send(report: GuardianReport): void;
  log(line: Extract<GuardianEffect, { readonly kind: 'log' }>): void;
  readonly trace: GuardianTracer | null;
  /** Called once; nothing happens afterwards. */
  end(): void;
};

type WithoutInstant<E> = E extends GuardianEvent ? Omit<E, 'at'> : never;
export type GuardianHappening = WithoutInstant<GuardianEvent>;

/**
 * The longest sleep. Timers stand still while the machine is suspended, and deadlines do not, so the clock is looked
 * at this often whatever the timer says.
 */
const SLEEP_MAX_MS = 200;
const FAILED_EFFECT_AGAIN_MS = 50;
const FAILED_STEP_AGAIN_MS = 50;

/** Runs the guardian's machine. @returns where its connection and its signals are told. */
export function driveGuardian(world: GuardianWorld): (happening: GuardianHappening) => void {
  const start = { pid: world.pid, at: world.clock.now() };
  let state = initialGuardian(start);
  world.trace?.began(start);
  let sleepMin = 0;
  let sleeping: NodeJS.Timeout | undefined;
  let ended = false;
  const queue: GuardianHappening[] = [];

  function happen(happening: GuardianHappening): void {
    queue.push(happening);
    if (queue.length > 1) return; // What an effect caused waits until that step's effects are done.
    for (let next = queue[0]; next !== undefined && !ended; next = queue[0]) {
      attempt(next);
      queue.shift();
    }
    if (!ended) sleep();
  }

  /** A defect costs one step, and not the deadline: the clock is looked at again. */
  function attempt(happening: GuardianHappening): void {
    try {
      step(happening);
      sleepMin = 0;
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      world.log({ kind: 'log', level: 'error', event: 'defect', fields: { error: text } });
      sleepMin = FAILED_STEP_AGAIN_MS;
    }
  }

  function step(happening: GuardianHappening): void {
    const event = { at: world.clock.now(), ...happening };
    const stepped = stepGuardian(state, event);
    state = stepped.state;
    world.trace?.stepped({ event, effects: stepped.effects }, state);
    for (const effect of stepped.effects) perform(effect);
  }

  function perform(effect: GuardianEffect): void {
    try {
      carryOut(effect);
    } catch (error) {
      // Unknown is not "nothing is left": what failed is tried again, and the machine hears nothing meanwhile.
      world.log({ kind: 'log', level: 'error', event: `${effect.kind}-failed`, fields: { error: String(error) } });
      setTimeout(() => perform(effect), FAILED_EFFECT_AGAIN_MS);
    }
  }

  function carryOut(effect: GuardianEffect): void {
    switch (effect.kind) {
      case 'set-timer':
        return; // `sleep` reads the machine's timer.
      case 'scan': {
        happen({ kind: 'scanned', processes: world.scan() });
        return;
      }
      case 'fast-stop': {
        world.fastStop();
        return;
      }
      case 'hard-fence': {
        happen({ kind: 'scanned', processes: world.hardFence() });
        return;
      }
      case 'watchdog': {
        const answer = world.watchdog.act(effect.action);
        if (answer !== null) happen({ kind: 'watchdog-answered', answer });
        return;
      }
      case 'send': {
        world.send(effect.report);
        return;
      }
      case 'log': {
        world.log(effect);
        return;
      }
      case 'end':
        ended = true;
        clearTimeout(sleeping);
        {
          world.end();
          return;
        }
    }
  }

  function sleep(): void {
    clearTimeout(sleeping);
    const dueAt: Instant | null = state.timerAt;
    if (dueAt === null) return;
    const wait = Math.max(sleepMin, dueAt - world.clock.now());
    sleeping = setTimeout(wake, Math.min(SLEEP_MAX_MS, wait));
  }

  function wake(): void {
    if (state.timerAt !== null && world.clock.now() >= state.timerAt) happen({ kind: 'timer' });
    else sleep();
  }

  happen({ kind: 'started' });
  return happen;
}
