import { between, type Instant } from '../../domain/time.ts';
import type { HeartbeatEffect, HeartbeatHappening } from '../../ports/heartbeat.ts';
import { leaseFact } from '../publish.ts';
import { initialHeartbeat } from '../state.ts';
import { stepHeartbeat } from '../step.ts';
import { askStore, type StoreRequest } from './ask-store.ts';
import { guardianCaller } from './guardian-caller.ts';
import { suspendDetector } from './suspend-detector.ts';
import { watchdogLine } from './watchdog-line.ts';
import type { HeartbeatWorld } from './world.ts';

/** The longest sleep: timers stand still while the machine is suspended, so the clock is looked at this often. */
const SLEEP_MAX_MS = 500;

/** Runs the heartbeat's machine. @returns where the agent's commands go. */
export function driveHeartbeat(world: HeartbeatWorld): (happening: HeartbeatHappening) => void {
  const { clock, store } = world;
  const wasSuspended = suspendDetector(clock);
  /** As it was told last: what keeps one from being started is tried again and again. */
  let lostBecause: string | null = null;
  const guardian = guardianCaller(world, (report) => {
    if (report.kind === 'fencing') {
      world.post({ kind: 'log', level: 'warn', event: 'guardian-fences', fields: { step: report.step } });
    }
    if (report.kind === 'hello') lostBecause = null;
    if (report.kind === 'lost' && report.reason !== lostBecause) {
      lostBecause = report.reason;
      world.post({ kind: 'log', level: 'warn', event: 'guardian-lost', fields: { reason: report.reason } });
    }
    if (report.kind === 'watchdog') world.post({ kind: 'log', ...watchdogLine(report.watchdog, state.settings) });
    happen({ kind: 'guardian', report });
  });
  let state = initialHeartbeat(world.self);
  world.trace?.began({ self: world.self });
  let sleeping: NodeJS.Timeout | undefined;

  function happen(happening: HeartbeatHappening): void {
    noticeSuspension();
    step(happening);
    sleep();
  }

  function noticeSuspension(): void {
    if (!wasSuspended()) return;
    world.post({ kind: 'log', level: 'warn', event: 'machine-was-suspended', fields: {} });
    step({ kind: 'suspended' });
  }

  function step(happening: HeartbeatHappening): void {
    const at = clock.now();
    const event = { at, ...happening };
    const stepped = stepHeartbeat(state, event);
    state = stepped.state;
    world.trace?.stepped({ event, effects: stepped.effects }, state);
    world.publishFact(leaseFact(state, at));
    for (const effect of stepped.effects) perform(effect);
  }

  /** Every effect only begins here; what comes of it is a later event. */
  function perform(effect: HeartbeatEffect): void {
    switch (effect.kind) {
      case 'set-timer':
        return; // `sleep` reads the machine's timer.
      case 'grant':
      case 'keep-alive':
      case 'read-lock':
      case 'write':
        ask(effect);
        return;
      case 'switch-endpoint':
        store.switchEndpoint();
        return;
      case 'connect-guardian':
        guardian.connect();
        return;
      case 'tell-guardian':
        guardian.tell(effect.message);
        return;
      case 'report':
      case 'answer':
        world.post(effect);
        return;
      case 'end':
        end();
        return;
    }
  }

  function ask(request: StoreRequest): void {
    // An adapter that throws has a defect: it ends the thread, and with it the renewals.
    void askStore(store, clock, request).then((happening) => {
      if ('sentAt' in happening) {
        const span = happening.outcome.kind === 'no-answer' ? null : between(happening.sentAt, clock.now());
        world.post({ kind: 'store-answered', request: request.kind, span });
      }
      happen(happening);
    });
  }

  function sleep(): void {
    clearTimeout(sleeping);
    const dueAt: Instant | null = state.timerAt;
    const wait = dueAt === null ? SLEEP_MAX_MS : Math.min(SLEEP_MAX_MS, Math.max(0, dueAt - clock.now()));
    if (state.life === 'running') sleeping = setTimeout(wake, wait);
  }

  function wake(): void {
    noticeSuspension();
    if (state.timerAt !== null && clock.now() >= state.timerAt) step({ kind: 'timer' });
    sleep();
  }

  function end(): void {
    clearTimeout(sleeping);
    guardian.close();
    world.end();
  }

  happen({ kind: 'started' });
  return happen;
}
