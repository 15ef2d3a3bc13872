import type { AgentConfig } from '../domain/agent-config.ts';
import type { ClusterView } from '../domain/cluster-view.ts';
import type { DynamicConfig } from '../domain/dynamic-config.ts';
import type { FailsafeAnswer } from '../domain/failsafe.ts';
import type { Revision } from '../domain/names.ts';
import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import type { AgentRequest, RequestAnswer } from '../domain/requests.ts';
import type { WriteOutcome } from '../domain/store-write.ts';
import type { TaskOutcome } from '../domain/task.ts';
import { between, type Instant, millis, TIMER_MAX } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { DynamicCache } from '../ports/dynamic-cache.ts';
import type { AgentEffect } from '../ports/effects.ts';
import type { AgentEvent, AgentHappening, AgentTimer } from '../ports/events.ts';
import type { HeartbeatLink, HeartbeatListeners } from '../ports/heartbeat-link.ts';
import type { Log } from '../ports/log.ts';
import type { Meters } from '../ports/meters.ts';
import type { Peers } from '../ports/peers.ts';
import type { Postgres, TaskContext } from '../ports/postgres.ts';
import type { Store, StoredPair, StoreWatch } from '../ports/store.ts';
import { dynamicToKeep } from './kept-dynamic.ts';
import { notableChanges, promotionIn } from './notable.ts';
import { snapshotOf } from './snapshot.ts';
import { type AgentState, initialAgentState } from './state.ts';
import { stepAgent } from './step.ts';
import { type AgentTracer, traceStep } from './trace.ts';

/** A look at PostgreSQL ends within this, whatever the server does. */
const LOOK_LIMIT = millis(2_000);

export type AgentParts = {
  readonly config: AgentConfig;
  /** What to go by until the store tells. */
  readonly dynamic: DynamicConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly readView: (pairs: readonly StoredPair[], revision: Revision) => ClusterView;
  readonly postgres: Postgres;
  readonly startHeartbeat: (listeners: HeartbeatListeners) => HeartbeatLink;
  readonly peers: Peers;
  /** Absent where nothing is to be kept. */
  readonly dynamicCache?: DynamicCache;
  readonly trace: AgentTracer | null;
  readonly meters: Meters;
  readonly exit: (code: number) => void;
};

export type Agent = {
  snapshot(): NodeSnapshot | null;
  request(request: AgentRequest): Promise<RequestAnswer>;
  reload(config: AgentConfig): void;
  /** Ask for an orderly end: hand over, then exit. */
  stop(): void;
};

/**
 * Run the agent machine on real parts: stamp events, step, carry the effects out, post their outcomes. Chooses nothing.
 */
export function startAgent(parts: AgentParts): Agent {
  const driver = new AgentDriver(parts);
  driver.start();
  return driver;
}

class AgentDriver implements Agent {
  readonly #parts: AgentParts;
  readonly #heartbeat: HeartbeatLink;
  readonly #timers = new Map<AgentTimer, NodeJS.Timeout>();
  readonly #replies = new Map<number, (answer: RequestAnswer) => void>();
  readonly #queue: AgentEvent[] = [];
  #state: AgentState;
  #watch: StoreWatch | null = null;
  #task: { readonly id: number; readonly abort: AbortController } | null = null;
  #nextLook: NodeJS.Timeout | undefined;
  #look: 'idle' | 'running' | 'again' = 'idle';
  #isStepping = false;
  #isOver = false;
  #requests = 0;
  #steps = 0;
  #shown: { readonly of: AgentState; readonly snapshot: NodeSnapshot } | null = null;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    const { clock, config, dynamic } = parts;
    const start = { at: clock.now(), wallAt: clock.wallNow(), config, dynamic };
    this.#state = initialAgentState(start);
    parts.trace?.began(start);
    this.#heartbeat = parts.startHeartbeat({
      report: (report) => {
        this.#post({ kind: 'lease', report });
      },
      answer: (id, outcome) => {
        this.#post({ kind: 'lock-answered', id, outcome });
      },
      storeAnswered: (request, span) => {
        parts.meters.storeAnswered(request, span);
      },
      broken: (reason) => {
        parts.log.write('error', 'heartbeat-broken', { reason });
        this.#exit(1);
      },
    });
  }

  start(): void {
    const { store, readView, postgres } = this.#parts;
    postgres.onDisturbance(() => {
      this.#lookNow();
    });
    this.#post({ kind: 'started' });
    this.#watch = store.watch({
      picture: ({ revision, pairs, gapless }) => {
        this.#post({ kind: 'view', view: readView(pairs, revision), gapless });
      },
      silent: (reason) => {
        this.#post({ kind: 'store-silent', reason });
      },
    });
  }

  /** The same object until the next step: health checks are asked far more often than there are steps. */
  snapshot(): NodeSnapshot | null {
    if (this.#steps === 0) return null;
    if (this.#shown?.of !== this.#state) this.#shown = { of: this.#state, snapshot: snapshotOf(this.#state) };
    return this.#shown.snapshot;
  }

  request(request: AgentRequest): Promise<RequestAnswer> {
    if (this.#isOver) return Promise.resolve({ kind: 'drop' });
    this.#requests += 1;
    const id = this.#requests;
    return new Promise((resolve) => {
      this.#replies.set(id, resolve);
      this.#post({ kind: 'request', id, request });
    });
  }

  reload(config: AgentConfig): void {
    this.#post({ kind: 'config-reloaded', config });
  }

  stop(): void {
    this.#post({ kind: 'stop-requested' });
  }

  /** Events are stepped one after the other; what an effect posts at once waits for its turn. */
  #post(happening: AgentHappening): void {
    if (this.#isOver) return;
    const { clock } = this.#parts;
    this.#queue.push({ at: clock.now(), wallAt: clock.wallNow(), ...happening });
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) this.#step(event);
    this.#isStepping = false;
  }

  /** A defect ends the step with no decision and no sign of life: the lease then ends by itself. */
  #step(event: AgentEvent): void {
    const { trace, meters, clock } = this.#parts;
    const begun = clock.now();
    let stepped: ReturnType<typeof stepAgent>;
    try {
      stepped = stepAgent(this.#state, event);
    } catch (defect) {
      const text = defect instanceof Error ? (defect.stack ?? defect.message) : String(defect);
      this.#parts.log.write('error', 'defect', { event: event.kind, defect: text });
      meters.stepFailed();
      // The state has never heard of it, so nobody else would answer.
      if (event.kind === 'request') this.#reply(event.id, { kind: 'text', status: 500, text: 'internal error' });
      return;
    }
    meters.stepTook(between(begun, clock.now()));
    this.#tellChanges(this.#state, stepped.state);
    if (trace !== null) {
      const change = { before: this.#state, after: stepped.state, effects: stepped.effects };
      trace.stepped(traceStep(event, change), stepped.state);
    }
    this.#state = stepped.state;
    this.#steps += 1;
    for (const effect of stepped.effects) this.#carryOut(effect);
    const kept = this.#parts.dynamicCache === undefined ? null : dynamicToKeep(this.#state);
    if (kept !== null) this.#parts.dynamicCache?.keep(kept);
  }

  /** For people, besides the lines that the machine asks for. */
  #tellChanges(before: AgentState, after: AgentState): void {
    const { log, meters } = this.#parts;
    for (const { level, event, fields } of notableChanges(before, after)) log.write(level, event, fields);
    const promotion = promotionIn(before, after);
    if (promotion !== null) meters.promoted(promotion);
  }

  #carryOut(effect: AgentEffect): void {
    const { store, postgres, peers, log, meters } = this.#parts;
    switch (effect.kind) {
      case 'set-timer':
        this.#setTimer(effect.name, effect.at);
        return;
      case 'write': {
        const { id } = effect;
        const limit = this.#state.timings.retryTimeout;
        const broken = { kind: 'no-answer', reason: 'the store adapter broke' } as const;
        const sentAt = this.#parts.clock.now();
        const toEvent = (outcome: WriteOutcome): AgentHappening => {
          const took = between(sentAt, this.#parts.clock.now());
          meters.storeAnswered('write', outcome.kind === 'no-answer' ? null : took);
          return { kind: 'write-answered', id, outcome };
        };
        this.#await(() => store.write(effect.write, limit), toEvent, broken);
        return;
      }
      case 'reread-store':
        this.#watch?.reread();
        return;
      case 'heartbeat':
        this.#heartbeat.command(effect.id, effect.command);
        return;
      case 'run-task':
        this.#runTask(effect);
        return;
      case 'call-back':
        postgres.callBack(effect.callback);
        return;
      case 'cancel-task':
        if (this.#task?.id === effect.id) this.#task.abort.abort();
        return;
      case 'checkpoint':
        this.#awaitTask(
          () => postgres.checkpoint(new AbortController().signal),
          (outcome) => ({ kind: 'checkpoint-ended', id: effect.id, outcome }),
        );
        return;
      case 'reconfigure':
        this.#awaitTask(
          () => postgres.reconfigure(effect.desired),
          (outcome) => ({ kind: 'reconfigured', id: effect.id, outcome }),
        );
        return;
      case 'manage-slots':
        this.#awaitTask(
          () => postgres.manageSlots(effect.change),
          (outcome) => ({ kind: 'slots-managed', id: effect.id, outcome }),
        );
        return;
      case 'look':
        this.#lookNow();
        return;
      case 'look-at':
        this.#lookAt(effect.at);
        return;
      case 'ask-peers':
        for (const peer of effect.peers) {
          const broken = { ...this.#unanswered(), member: peer.member };
          this.#await(
            () => peers.ask(peer, effect),
            (answer) => ({ kind: 'peer-answered', answer }),
            broken,
          );
        }
        return;
      case 'ask-failsafe': {
        const { askedAt, call, limit } = effect;
        const broken = { kind: 'refused', reason: 'the adapter broke' } as const;
        for (const peer of effect.peers) {
          const toEvent = (answer: FailsafeAnswer): AgentHappening => {
            return { kind: 'failsafe-answered', askedAt, member: peer.member, answer };
          };
          this.#await(() => peers.askFailsafe(peer, call, limit), toEvent, broken);
        }
        return;
      }
      case 'ask-history':
        this.#await(
          () => postgres.askHistory(effect),
          (answer) => ({ kind: 'history-answered', answer }),
          { ...this.#unanswered(), member: effect.member },
        );
        return;
      case 'reply':
        this.#reply(effect.id, effect.answer);
        return;
      case 'log':
        log.write(effect.level, effect.event, effect.fields);
        return;
      case 'exit':
        this.#exit(effect.code);
        return;
    }
  }

  #reply(id: number, answer: RequestAnswer): void {
    this.#replies.get(id)?.(answer);
    this.#replies.delete(id);
  }

  #setTimer(name: AgentTimer, at: Instant): void {
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(() => {
      this.#post({ kind: 'timer', name });
    }, this.#untilThen(at));
    this.#timers.set(name, timer);
  }

  #lookAt(at: Instant): void {
    clearTimeout(this.#nextLook);
    this.#nextLook = setTimeout(() => {
      this.#lookNow();
    }, this.#untilThen(at));
  }

  /** Woken early, the machine finds nothing due and asks again. */
  #untilThen(at: Instant): number {
    return Math.min(TIMER_MAX, Math.max(0, Math.ceil(between(this.#parts.clock.now(), at))));
  }

  #runTask(effect: Extract<AgentEffect, { kind: 'run-task' }>): void {
    const { id, task, scripts } = effect;
    const abort = new AbortController();
    this.#task = { id, abort };
    const context: TaskContext = {
      signal: abort.signal,
      progress: (note) => {
        this.#post({ kind: 'task-progress', id, note });
      },
      reached: (milestone) => {
        this.#post({ kind: 'task-milestone', id, milestone });
      },
      scripts,
      leaseNow: () => ({ ...this.#heartbeat.leaseNow(), now: this.#parts.clock.now() }),
    };
    const running = (): Promise<TaskOutcome> => this.#parts.postgres.run(task, context);
    this.#awaitTask(running, (outcome) => {
      this.#task = null;
      const failed = outcome.kind === 'failed' ? { reason: outcome.reason, detail: outcome.detail ?? null } : {};
      const level = outcome.kind === 'failed' ? 'warn' : 'debug';
      this.#parts.log.write(level, 'task-ended', { task: task.kind, outcome: outcome.kind, ...failed });
      return { kind: 'task-ended', id, outcome };
    });
  }

  /** One look at a time; what asks meanwhile gets one more look afterwards. */
  #lookNow(): void {
    if (this.#look !== 'idle') {
      this.#look = 'again';
      return;
    }
    this.#look = 'running';
    const finished = (): void => {
      const again = this.#look === 'again';
      this.#look = 'idle';
      if (again) this.#lookNow();
    };
    this.#await(
      () => started(() => this.#parts.postgres.look(LOOK_LIMIT)).finally(() => queueMicrotask(finished)),
      (report) => ({ kind: 'postgres', report }),
    );
  }

  /** A task that throws is a defect of its adapter: for the machine it failed, for people it is an error. */
  #awaitTask(work: () => Promise<TaskOutcome>, toEvent: (outcome: TaskOutcome) => AgentHappening): void {
    const guarded = started(work).catch((defect: unknown): TaskOutcome => {
      const reason = defect instanceof Error ? defect.message : String(defect);
      this.#parts.log.write('error', 'defect', { where: 'task', defect: reason });
      return { kind: 'failed', reason };
    });
    this.#await(() => guarded, toEvent);
  }

  /** What breaks is a defect; the machine hears the answer that means "nothing was learned", and goes on. */
  #await<T>(work: () => Promise<T>, toEvent: (result: T) => AgentHappening, broken?: T): void {
    started(work).then(
      (result) => {
        this.#post(toEvent(result));
      },
      (defect: unknown) => {
        const text = defect instanceof Error ? (defect.stack ?? defect.message) : String(defect);
        this.#parts.log.write('error', 'defect', { where: 'adapter', defect: text });
        if (broken !== undefined) this.#post(toEvent(broken));
      },
    );
  }

  #unanswered(): { readonly kind: 'no-answer'; readonly askedAt: Instant; readonly reason: string } {
    return { kind: 'no-answer', askedAt: this.#parts.clock.now(), reason: 'the adapter broke' };
  }

  #exit(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of [...this.#timers.values(), this.#nextLook]) clearTimeout(timer);
    this.#task?.abort.abort();
    // What was written for it is in the store, and others may do it yet: command lines look for these two words.
    const text = 'the agent is stopping: status unknown';
    for (const id of this.#replies.keys()) this.#reply(id, { kind: 'text', status: 503, text });
    this.#watch?.close();
    this.#heartbeat.command(0, { kind: 'end' });
    // It still tells the guardian that nobody comes back; bounded by itself.
    void this.#heartbeat.close().finally(() => {
      this.#parts.exit(code);
    });
  }
}

/** What throws before it has begun broke like anything else: nothing of a step may end the stepping. */
async function started<T>(work: () => Promise<T>): Promise<T> {
  return work();
}
