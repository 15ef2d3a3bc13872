import { assertNever } from '../../domain/invariant.ts';
import type { LeaseReport } from '../../domain/lease.ts';
import { memberName, storeKey } from '../../domain/names.ts';
import { type Instant, instant } from '../../domain/time.ts';
import type {
  HeartbeatCommand,
  HeartbeatEffect,
  HeartbeatEvent,
  LockCommandOutcome,
  LockReadOutcome,
} from '../../ports/heartbeat.ts';
import type { ReadOutcome } from '../../ports/store.ts';
import { Actor } from '../kernel/actor.ts';
import { Channel } from '../kernel/channel.ts';
import type { Scheduled } from '../kernel/event-heap.ts';
import type { LeaseNow } from '../postgres/task-run.ts';
import { StoreConnection } from '../store/store-connection.ts';
import type { GuardianProcess } from './guardian-process.ts';
import type { HeartbeatMachine, Stepper } from './machines.ts';
import { guardedStep, type NodeSetup } from './node-setup.ts';

/** The heartbeat: a thread of the agent's process that carries out what its machine wants. */
export class HeartbeatThread {
  readonly actor: Actor;
  readonly #setup: NodeSetup;
  readonly #guardian: GuardianProcess;
  readonly #toAgent: HeartbeatListener;
  #machine: HeartbeatMachine | null = null;
  #step: Stepper<HeartbeatEvent, HeartbeatEffect> = () => [];
  #store: StoreConnection | null = null;
  #fromAgent: Channel;
  #steppedAt = instant(0);
  #timer: { readonly at: Instant; readonly scheduled: Scheduled } | null = null;
  #knownSuspended = 0;

  constructor(setup: NodeSetup, guardian: GuardianProcess, toAgent: HeartbeatListener) {
    this.#setup = setup;
    this.#guardian = guardian;
    this.#toAgent = toAgent;
    this.actor = new Actor(`heartbeat ${setup.place}`);
    this.#fromAgent = this.#channel();
  }

  start(): void {
    const { kernel, network, store, place, machines, settings } = this.#setup;
    this.actor.start();
    this.#fromAgent = this.#channel();
    this.#timer = null;
    this.#knownSuspended = this.#setup.clock.suspended();
    const firstEndpoint = kernel.random('endpoints').integer(0, store.leadership.members.length - 1);
    this.#store = new StoreConnection({ kernel, network, store, place, actor: this.actor, firstEndpoint });
    this.#machine = machines.heartbeat({ self: memberName(place) });
    this.#step = guardedStep(this.#setup, 'heartbeat', this.#machine.step);
    kernel.after(settings.scheduling.from, this.actor, 'heartbeat starts', () =>
      this.#happens({ at: this.#now, kind: 'started' }),
    );
  }

  /** The process ended; its sockets with it. */
  kill(): void {
    this.actor.kill();
    this.#guardian.hangUp();
  }

  command(id: number, command: HeartbeatCommand): void {
    this.#fromAgent.send(() => this.#happens({ at: this.#now, kind: 'command', id, command }));
  }

  /** After its machine was paused: it looks at the clocks whenever it wakes, and it never sleeps for long. */
  wakesWithin(): void {
    const { kernel } = this.#setup;
    const asleep = kernel.random('heartbeat wakes').between(0, SLEEP_MAX_MS);
    kernel.after(asleep, this.actor, 'heartbeat wakes', () => this.#noticeSuspension());
  }

  /** As of its last step, which its thread left where others read it. */
  leaseNow(): LeaseNow {
    const { deadline = null, guardianReady = false } = this.#machine?.leaseFact(this.#steppedAt) ?? {};
    return { deadline: deadline === null ? null : this.#setup.clock.worldTime(deadline), guardianReady };
  }

  #happens(event: HeartbeatEvent): void {
    this.#noticeSuspension();
    this.#carryOut(event);
  }

  /** As the driver does it, before everything else. */
  #noticeSuspension(): void {
    const suspended = this.#setup.clock.suspended();
    const jumped = suspended - this.#knownSuspended >= JUMP_MIN_MS;
    this.#knownSuspended = suspended;
    if (!jumped) return;
    this.#note(() => 'the machine was suspended');
    this.#carryOut({ at: this.#now, kind: 'suspended' });
  }

  #carryOut(event: HeartbeatEvent): void {
    this.#steppedAt = event.at;
    for (const effect of this.#step(event)) this.#perform(effect);
  }

  get #now(): Instant {
    return this.#setup.clock.now();
  }

  #perform(effect: HeartbeatEffect): void {
    const store = this.#store;
    const sentAt = this.#now;
    if (store === null) return;
    switch (effect.kind) {
      case 'set-timer':
        this.#setTimer(effect.at);
        return;
      case 'grant': {
        store.grantLease(effect.ttl, effect.limit, (outcome) =>
          this.#happens({ at: this.#now, kind: 'granted', id: effect.id, sentAt, outcome }),
        );
        return;
      }
      case 'keep-alive': {
        store.keepAlive(effect.lease, effect.limit, (outcome) =>
          this.#happens({ at: this.#now, kind: 'kept-alive', id: effect.id, sentAt, outcome }),
        );
        return;
      }
      case 'read-lock': {
        store.read(storeKey('leader'), effect.limit, (outcome) =>
          this.#happens({ at: this.#now, kind: 'lock-read', id: effect.id, sentAt, outcome: lockIn(outcome) }),
        );
        return;
      }
      case 'write': {
        store.write(effect.write, effect.limit, (outcome) =>
          this.#happens({ at: this.#now, kind: 'written', id: effect.id, sentAt, outcome }),
        );
        return;
      }
      case 'switch-endpoint':
        store.switchEndpoint();
        return;
      case 'connect-guardian':
        this.#guardian.connect(this.actor, (report) => this.#happens({ at: this.#now, kind: 'guardian', report }));
        return;
      case 'tell-guardian':
        this.#guardian.tell(effect.message);
        return;
      case 'report':
        this.#note(() => `lease ${describeLease(effect.report)}`);
        this.#toAgent.report(effect.report);
        return;
      case 'answer':
        this.#note(() => `answers ${effect.outcome.kind} ${'why' in effect.outcome ? effect.outcome.why : ''}`);
        this.#toAgent.answer(effect.id, effect.outcome);
        return;
      case 'end':
        return undefined;
      default:
        return assertNever(effect);
    }
  }

  #setTimer(at: Instant): void {
    if (this.#timer !== null) this.#setup.kernel.callOff(this.#timer.scheduled);
    const scheduled = this.#setup.clock.timer(at, this.actor, 'heartbeat timer', () => {
      if (this.#timer?.at !== at) return;
      this.#timer = null;
      this.#happens({ at: this.#now, kind: 'timer' });
    });
    this.#timer = { at, scheduled };
  }

  #note(text: () => string): void {
    this.#setup.kernel.note(`${this.#setup.place} heartbeat`, text);
  }

  #channel(): Channel {
    return new Channel({ kernel: this.#setup.kernel, to: this.actor, delay: THREAD_DELAY, purpose: 'to heartbeat' });
  }
}

export type HeartbeatListener = {
  readonly report: (report: LeaseReport) => void;
  readonly answer: (id: number, outcome: LockCommandOutcome) => void;
};

function lockIn(outcome: ReadOutcome): LockReadOutcome {
  if (outcome.kind !== 'read') return outcome;
  const { revision, term } = outcome;
  const pair = outcome.pairs[0];
  const lock =
    pair === undefined || pair.value === ''
      ? null
      : {
          holder: memberName(pair.value),
          lease: pair.lease,
          createRevision: pair.createRevision,
          modRevision: pair.modRevision,
        };
  return { kind: 'read', revision, lock, ...(term === undefined ? {} : { term }) };
}

function describeLease(report: LeaseReport): string {
  const { lock } = report;
  const deadline = lock.kind === 'not-held' ? '' : ` until ${instant(lock.deadline).toFixed(0)}`;
  return `${lock.kind}${deadline}, guardian ${report.guardian}${report.storeTrouble === null ? '' : `, ${report.storeTrouble}`}`;
}

/** What the driver takes for a suspension, and how long it sleeps at most. */
const JUMP_MIN_MS = 100;
const SLEEP_MAX_MS = 500;
/** Messages between two threads of one process. */
export const THREAD_DELAY = { from: 0.02, to: 0.4 };
