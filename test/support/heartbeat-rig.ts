import type { LeaseReport } from '../../src/domain/lease.ts';
import { type LeaseId, leaseId, type MemberName, memberName, type Revision, revision } from '../../src/domain/names.ts';
import type { WriteOutcome } from '../../src/domain/store-write.ts';
import { type Instant, instant, later, type Millis, seconds } from '../../src/domain/time.ts';
import type { WatchdogReport } from '../../src/domain/watchdog.ts';
import { type HeartbeatState, initialHeartbeat } from '../../src/heartbeat/state.ts';
import { stepHeartbeat } from '../../src/heartbeat/step.ts';
import type { GuardianMessage, GuardianReport } from '../../src/ports/guardian.ts';
import type {
  HeartbeatCommand,
  HeartbeatEffect,
  HeartbeatHappening,
  LockCommandOutcome,
} from '../../src/ports/heartbeat.ts';

export const SELF = memberName('a');
export const OTHER = memberName('b');
export const TTL = seconds(5);

export type StoreRequest = Extract<HeartbeatEffect, { readonly kind: 'grant' | 'keep-alive' | 'read-lock' | 'write' }>;
/** `reply`: the store has carried it out, and its answer is on the way. */
type Sent = { readonly request: StoreRequest; readonly sentAt: Instant; readonly reply: HeartbeatHappening | null };

/** The heartbeat's machine between a store and a guardian of a few lines each, on a clock that a test turns. */
export class HeartbeatRig {
  now: Instant = instant(100_000);
  state: HeartbeatState = initialHeartbeat(SELF);
  readonly store = new RigStore();
  readonly guardian = new RigGuardian();
  readonly effects: HeartbeatEffect[] = [];
  readonly heard: HeartbeatHappening[] = [];
  lastStepAt: Instant = this.now;
  readonly answers: { readonly id: number; readonly outcome: LockCommandOutcome }[] = [];
  readonly reports: LeaseReport[] = [];
  /** Requests that wait for the test, while the store is `held-back`. */
  readonly waiting: Sent[] = [];
  readonly #late: Sent[] = [];
  readonly #queue: HeartbeatHappening[] = [];
  /** Called whenever time has moved, before anything of the heartbeat runs. */
  onTime: () => void = () => undefined;
  #ids = 1_000;

  /** A heartbeat with a lease and a guardian, which stepped just now. */
  static configured(): HeartbeatRig {
    const rig = new HeartbeatRig();
    rig.happen({ kind: 'started' });
    rig.command({ kind: 'configure', ttl: TTL, steppedWithin: TTL, paused: false });
    return rig;
  }

  /** … that holds the lock. */
  static holding(): HeartbeatRig {
    const rig = HeartbeatRig.configured();
    rig.command({ kind: 'acquire' });
    return rig;
  }

  get lock(): LeaseReport['lock'] | undefined {
    return this.reports.at(-1)?.lock;
  }

  get deadline(): Instant {
    const { lock } = this;
    if (lock?.kind !== 'held') throw new Error(`the lock is not held: ${JSON.stringify(lock)}`);
    return lock.deadline;
  }

  command(command: HeartbeatCommand): number {
    this.#ids += 1;
    const id = this.#ids;
    this.happen({ kind: 'command', id, command });
    return id;
  }

  /** The lock that the store shows, or one that looked like it. */
  adopt(seen: Partial<RigLock> = {}): number {
    const { lock } = this.store;
    if (lock === null) throw new Error('there is no lock');
    const { createRevision, modRevision } = { ...lock, ...seen };
    return this.command({ kind: 'adopt', createRevision, modRevision });
  }

  outcomeOf(id: number): LockCommandOutcome | undefined {
    return this.answers.find((each) => each.id === id)?.outcome;
  }

  guardianSays(report: GuardianReport): void {
    this.happen({ kind: 'guardian', report });
  }

  /** What an effect brings about is an event of its own, after the step's other effects. */
  happen(happening: HeartbeatHappening): void {
    this.#queue.push(happening);
    if (this.#queue.length > 1) return;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      this.heard.push(next);
      this.lastStepAt = this.now;
      const stepped = stepHeartbeat(this.state, { at: this.now, ...next });
      this.state = stepped.state;
      this.effects.push(...stepped.effects);
      for (const effect of stepped.effects) this.#perform(effect);
      this.#queue.shift();
    }
  }

  /** Let time pass, timers fire and the agent step, as it does all the time. */
  pass(span: number, agent: 'stepping' | 'wedged' = 'stepping'): void {
    const end = this.now + span;
    while (this.now < end) {
      const due = this.state.timerAt ?? end;
      this.now = instant(Math.min(end, Math.max(due, this.now + 1), this.now + 250));
      this.store.expire(this.now);
      this.onTime();
      if (agent === 'stepping') this.command({ kind: 'stepped' });
      if (this.state.timerAt !== null && this.now >= this.state.timerAt) this.happen({ kind: 'timer' });
    }
  }

  /** The oldest request that waits is given up; the store may still carry it out: now, never, or when it comes late. */
  loseOldest(store: 'carries-it-out' | 'never-saw-it' | 'may-see-it-late'): void {
    const sent = this.waiting.shift();
    if (sent === undefined) return;
    if (store === 'may-see-it-late' && sent.reply === null) this.#late.push(sent);
    this.happen(noAnswer(sent));
    if (store === 'carries-it-out' && sent.reply === null) this.store.answer(sent.request, sent.sentAt, this.now);
  }

  /** What was given up long ago reaches the store, and nobody waits for its answer. */
  lateArrives(): void {
    for (const { request, sentAt } of this.#late.splice(0)) this.store.answer(request, sentAt, this.now);
  }

  /** The store answers now what it was asked while it was held back. */
  answerWaiting(): void {
    for (const sent of this.waiting.splice(0)) this.#answer(sent);
  }

  sent(kind: StoreRequest['kind']): number {
    return this.effects.filter((each) => each.kind === kind).length;
  }

  #perform(effect: HeartbeatEffect): void {
    switch (effect.kind) {
      case 'grant':
      case 'keep-alive':
      case 'read-lock':
      case 'write': {
        this.#ask(effect);
        return;
      }
      case 'connect-guardian':
        for (const report of this.guardian.connect()) this.guardianSays(report);
        return;
      case 'tell-guardian':
        for (const report of this.guardian.hear(effect.message)) this.guardianSays(report);
        return;
      case 'report':
        this.reports.push(effect.report);
        return;
      case 'answer':
        this.answers.push(effect);
        return;
      case 'set-timer':
      case 'switch-endpoint':
      case 'end':
        return;
    }
  }

  #ask(request: StoreRequest): void {
    const sentAt = this.now;
    switch (this.store.mode) {
      case 'answers':
        this.#answer({ request, sentAt, reply: null });
        return;
      case 'fails':
        this.happen(noAnswer({ request, sentAt }));
        return;
      case 'held-back':
        this.waiting.push({ request, sentAt, reply: null });
        return;
      case 'answers-late':
        this.waiting.push({ request, sentAt, reply: this.store.answer(request, sentAt, this.now) });
        return;
    }
  }

  #answer({ request, sentAt, reply }: Sent): void {
    this.happen(reply ?? this.store.answer(request, sentAt, this.now));
  }
}

type RigLock = {
  readonly holder: MemberName;
  readonly lease: LeaseId;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
};

/** Linearizable, with leases that run out on the same clock. */
class RigStore {
  /** `held-back`: carried out when the test says so. `answers-late`: carried out at once, and the answer waits. */
  mode: 'answers' | 'fails' | 'held-back' | 'answers-late' = 'answers';
  /** A leader that was deposed and does not know it answers keep-alives, and extends nothing. */
  keepAlivesFrom: 'leader' | 'deposed-leader' = 'leader';
  lock: RigLock | null = null;
  grantedTtl: Millis | null = null;
  term = 7n;
  readonly leases = new Map<LeaseId, { readonly until: Instant; readonly ttl: Millis }>();
  #revision = 10n;
  #lease = 0;

  expire(now: Instant): void {
    for (const [id, { until }] of this.leases) if (until <= now) this.leases.delete(id);
    if (this.lock !== null && this.lock.holder === SELF && !this.leases.has(this.lock.lease)) this.lock = null;
  }

  takenBy(holder: MemberName): void {
    const taken = this.nextRevision();
    this.lock = { holder, lease: leaseId(`of-${holder}`), createRevision: taken, modRevision: taken };
  }

  /** A new leader of the store starts every lease anew. */
  elect(now: Instant): void {
    this.term += 1n;
    for (const [id, { ttl }] of this.leases) this.leases.set(id, { ttl, until: later(now, ttl) });
  }

  nextRevision(): Revision {
    this.#revision += 1n;
    return revision(this.#revision);
  }

  answer(request: StoreRequest, sentAt: Instant, now: Instant): HeartbeatHappening {
    const { id } = request;
    switch (request.kind) {
      case 'grant': {
        this.#lease += 1;
        const lease = leaseId(String(this.#lease));
        const ttl = this.grantedTtl ?? request.ttl;
        this.leases.set(lease, { until: later(now, ttl), ttl });
        return { kind: 'granted', id, sentAt, outcome: { kind: 'granted', lease, ttl } };
      }
      case 'keep-alive': {
        const known = this.leases.get(request.lease);
        if (known !== undefined && this.keepAlivesFrom === 'deposed-leader') {
          const outcome = { kind: 'alive', ttl: known.ttl, term: this.term - 1n } as const;
          return { kind: 'kept-alive', id, sentAt, outcome };
        }
        if (known === undefined) return { kind: 'kept-alive', id, sentAt, outcome: { kind: 'gone' } };
        this.leases.set(request.lease, { ...known, until: later(now, known.ttl) });
        return { kind: 'kept-alive', id, sentAt, outcome: { kind: 'alive', ttl: known.ttl, term: this.term } };
      }
      case 'read-lock': {
        const outcome = { kind: 'read', revision: revision(this.#revision), lock: this.lock, term: this.term } as const;
        return { kind: 'lock-read', id, sentAt, outcome };
      }
      case 'write':
        return { kind: 'written', id, sentAt, outcome: this.#write(request.write) };
    }
  }

  #write(write: Extract<StoreRequest, { kind: 'write' }>['write']): WriteOutcome {
    const { lock } = this;
    const holds = write.when.every((condition) => {
      switch (condition.kind) {
        case 'absent':
          return lock === null;
        case 'value-is':
          return lock?.holder === condition.value;
        case 'create-revision-is':
          return lock?.createRevision === condition.revision;
        case 'mod-revision-is':
          return lock?.modRevision === condition.revision;
      }
    });
    if (!holds) return { kind: 'conflict', revision: revision(this.#revision) };
    if (write.key !== 'leader') return { kind: 'written', revision: this.nextRevision() };
    if (write.action.kind === 'delete') {
      this.lock = null;
      return { kind: 'written', revision: this.nextRevision() };
    }
    const { lease } = write.action;
    if (lease === null || !this.leases.has(lease)) return { kind: 'lease-gone' };
    const written = this.nextRevision();
    this.lock = { holder: SELF, lease, createRevision: lock?.createRevision ?? written, modRevision: written };
    return { kind: 'written', revision: written };
  }
}

/** `hung`: connected, and says nothing. `missing`: none can be started. */
class RigGuardian {
  /** `slow`: it says nothing before it is connected to once more. */
  mode: 'lives' | 'hung' | 'missing' | 'slow' = 'lives';
  armedUntil: Instant | null = null;
  /** What it says of the one that it is told to use; nothing: it is of a version that knows of none. */
  watchdog: WatchdogReport | undefined = undefined;
  processCount = 0;
  readonly heard: GuardianMessage[] = [];

  connect(): readonly GuardianReport[] {
    if (this.mode === 'missing') return [{ kind: 'lost', reason: 'cannot be started' }];
    const isSlow = this.mode === 'slow';
    this.mode = 'lives'; // A hung one is replaced.
    return isSlow ? [{ kind: 'connected' }] : [{ kind: 'connected' }, this.#hello()];
  }

  #hello(): GuardianReport {
    const hello = { kind: 'hello', pid: 1, armedUntil: this.armedUntil } as const;
    return this.watchdog === undefined ? hello : { ...hello, watchdog: { kind: 'off' } };
  }

  #says(watchdog: WatchdogReport): GuardianReport {
    return { kind: 'watchdog', watchdog };
  }

  hear(message: GuardianMessage): readonly GuardianReport[] {
    this.heard.push(message);
    if (this.mode !== 'lives') return [];
    const { number } = message;
    switch (message.kind) {
      case 'arm':
        this.armedUntil = message.deadline;
        return [{ kind: 'armed', number, deadline: message.deadline }];
      case 'disarm':
        this.armedUntil = null;
        return [{ kind: 'disarmed', number }];
      case 'ping':
        return [{ kind: 'pong', number }];
      case 'watchdog':
        return [{ kind: 'pong', number }, ...(this.watchdog === undefined ? [] : [this.#says(this.watchdog)])];
      case 'confirm-quiet':
        return [
          this.processCount === 0
            ? { kind: 'quiet', number }
            : { kind: 'busy', number, processCount: this.processCount },
        ];
      case 'retire':
        return [];
    }
  }
}

function noAnswer({ request, sentAt }: Pick<Sent, 'request' | 'sentAt'>): HeartbeatHappening {
  const { id } = request;
  const outcome = { kind: 'no-answer', reason: 'cut' } as const;
  switch (request.kind) {
    case 'grant':
      return { kind: 'granted', id, sentAt, outcome };
    case 'keep-alive':
      return { kind: 'kept-alive', id, sentAt, outcome };
    case 'read-lock':
      return { kind: 'lock-read', id, sentAt, outcome };
    case 'write':
      return { kind: 'written', id, sentAt, outcome };
  }
}
