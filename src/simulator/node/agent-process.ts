import type { ClusterView } from '../../domain/cluster-view.ts';
import { assertNever, invariant } from '../../domain/invariant.ts';
import { memberName } from '../../domain/names.ts';
import type { NodeSnapshot } from '../../domain/node-snapshot.ts';
import type { AgentRequest, RequestAnswer } from '../../domain/requests.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import { millis } from '../../domain/time.ts';
import type { AgentEffect } from '../../ports/effects.ts';
import type { AgentEvent } from '../../ports/events.ts';
import { readDynamicConfig } from '../../wire/config/dynamic.ts';
import { Actor } from '../kernel/actor.ts';
import { Channel } from '../kernel/channel.ts';
import type { RandomStream } from '../kernel/random-stream.ts';
import { TaskRunner } from '../postgres/task-runner.ts';
import type { ClusterViews } from '../store/cluster-views.ts';
import { StoreConnection } from '../store/store-connection.ts';
import { type Picture, StoreWatch } from '../store/store-watch.ts';
import { drawSpan, type Span } from '../world/settings.ts';
import { AgentTimers } from './agent-timers.ts';
import { askHistory } from './ask-history.ts';
import { GuardianProcess } from './guardian-process.ts';
import { HeartbeatThread, THREAD_DELAY } from './heartbeat-thread.ts';
import { Looks } from './looks.ts';
import type { AgentMachine, Stepper } from './machines.ts';
import { type NodeFile, nodeConfig, originalFile } from './node-config.ts';
import { guardedStep, type NodeSetup } from './node-setup.ts';
import type { PeerNetwork } from './peer-network.ts';

/** One agent: its machine, its heartbeat thread, and everything that a process holds open. Carries out effects, chooses nothing. */
export class AgentProcess {
  readonly actor: Actor;
  readonly heartbeat: HeartbeatThread;
  readonly guardian: GuardianProcess;
  readonly #setup: AgentSetup;
  readonly #delays: RandomStream;
  readonly #originalFile: NodeFile;
  /** The last one counts; an earlier one may end first. */
  #edits: Partial<NodeFile>[] = [];
  #machine: AgentMachine | null = null;
  #step: Stepper<AgentEvent, AgentEffect> = () => [];
  #tasks: TaskRunner | null = null;
  #watch: StoreWatch | null = null;
  #connection: StoreConnection | null = null;
  #fromHeartbeat: Channel;
  readonly #timers: AgentTimers;
  readonly #looks: Looks;
  #requests = new Map<number, (answer: RequestAnswer) => void>();
  #nextRequest = 1;

  constructor(setup: AgentSetup) {
    this.#setup = setup;
    this.#delays = setup.kernel.random('agent');
    this.#originalFile = originalFile(setup.place, setup.settings);
    this.actor = new Actor(`agent ${setup.place}`);
    this.guardian = new GuardianProcess(setup);
    this.#fromHeartbeat = this.#channel();
    this.heartbeat = new HeartbeatThread(setup, this.guardian, {
      report: (report) => this.#fromHeartbeat.send(() => this.#happens({ ...this.#moment(), kind: 'lease', report })),
      answer: (id, outcome) =>
        this.#fromHeartbeat.send(() => this.#happens({ ...this.#moment(), kind: 'lock-answered', id, outcome })),
    });
    const { actor } = this;
    this.#timers = new AgentTimers({
      ...setup,
      actor,
      rings: (name) => this.#happens({ ...this.#moment(), kind: 'timer', name }),
    });
    this.#looks = new Looks({
      ...setup,
      actor,
      after: (span, label, run) => this.#after(span, label, run),
      seen: (report) => this.#happens({ ...this.#moment(), kind: 'postgres', report }),
    });
  }

  get isRunning(): boolean {
    return this.actor.state !== 'dead';
  }

  /** A task on PostgreSQL is under way. */
  get isWorking(): boolean {
    return this.#tasks?.isRunning ?? false;
  }

  start(): void {
    const { kernel, network, store, place, machines, clock, settings } = this.#setup;
    if (this.isRunning) return;
    this.actor.start();
    this.#fromHeartbeat = this.#channel();
    this.#timers.forget();
    this.#requests = new Map();
    this.#looks.begin();
    const config = nodeConfig(place, settings, { ...this.#originalFile, ...this.#edits.at(-1) });
    const { config: dynamic } = readDynamicConfig(config.bootstrap?.dynamic ?? {});
    const machine = machines.agent({ at: clock.now(), wallAt: clock.wallNow(), config, dynamic });
    this.#machine = machine;
    this.#step = guardedStep(this.#setup, 'agent', machine.step);
    const firstEndpoint = kernel.random('endpoints').integer(0, store.leadership.members.length - 1);
    this.#connection = new StoreConnection({ kernel, network, store, place, actor: this.actor, firstEndpoint });
    this.#tasks = new TaskRunner({
      ...this.#setup,
      actor: this.actor,
      leaseNow: () => this.heartbeat.leaseNow(),
      ended: (id, outcome) => this.#happens({ ...this.#moment(), kind: 'task-ended', id, outcome }),
    });
    this.#setup.emit({ kind: 'agent-began', host: place, tags: config.tags });
    this.#note(() => 'starts');
    this.heartbeat.start();
    kernel.after(drawSpan(this.#delays, AGENT_START), this.actor, 'agent starts', () => {
      this.#happens({ ...this.#moment(), kind: 'started' });
      this.#openWatch();
    });
  }

  /** Somebody edits its configuration file; it is read at the next start. @returns what puts the old one back. */
  edit(file: Partial<NodeFile>): () => void {
    this.#edits.push(file);
    return () => {
      this.#edits = this.#edits.filter((each) => each !== file);
    };
  }

  /** SIGKILL, or the end of the machine. */
  kill(): void {
    if (!this.isRunning) return;
    this.#note(() => 'is dead');
    this.actor.kill();
    this.#tasks?.abandon();
    this.#watch?.close();
    this.#machine = null;
    this.heartbeat.kill();
  }

  /** SIGSTOP: the thread of the heartbeat stops with it. */
  freeze(): void {
    this.actor.freeze();
    this.heartbeat.actor.freeze();
  }

  thaw(): void {
    this.#setup.kernel.thaw(this.heartbeat.actor);
    this.#setup.kernel.thaw(this.actor);
  }

  /** SIGTERM. */
  askToStop(): void {
    this.#setup.kernel.after(0, this.actor, 'asked to stop', () =>
      this.#happens({ ...this.#moment(), kind: 'stop-requested' }),
    );
  }

  /** What an operator asks through the REST API; the answer comes to `answered`, perhaps never. */
  request(request: AgentRequest, answered: (answer: RequestAnswer) => void): void {
    const id = this.#nextRequest;
    this.#nextRequest += 1;
    this.#requests.set(id, answered);
    this.#setup.kernel.after(1, this.actor, 'request', () =>
      this.#happens({ ...this.#moment(), kind: 'request', id, request }),
    );
  }

  /** What the REST API answers from; `null` while the process is not there. */
  snapshot(): NodeSnapshot | null {
    return this.#machine?.snapshot() ?? null;
  }

  #happens(event: AgentEvent): void {
    for (const effect of this.#step(event)) this.#perform(effect);
  }

  #moment(): Pick<AgentEvent, 'at' | 'wallAt'> {
    const { clock } = this.#setup;
    return { at: clock.now(), wallAt: clock.wallNow() };
  }

  #perform(effect: AgentEffect): void {
    const { postgres, settings } = this.#setup;
    switch (effect.kind) {
      case 'set-timer':
        this.#timers.set(effect.name, effect.at);
        return;
      case 'write':
        return this.#connection?.write(effect.write, WRITE_LIMIT, (outcome) =>
          this.#happens({ ...this.#moment(), kind: 'write-answered', id: effect.id, outcome }),
        );
      case 'reread-store':
        return this.#watch?.reread();
      case 'heartbeat':
        if (effect.command.kind === 'acquire') this.#tellRace();
        this.heartbeat.command(effect.id, effect.command);
        return;
      case 'run-task':
        return this.#tasks?.run(effect.id, effect.task);
      case 'call-back':
        this.#note(() => `calls ${effect.callback.action} ${effect.callback.role}`);
        return;
      case 'cancel-task':
        return this.#tasks?.cancel(effect.id);
      case 'checkpoint': {
        this.#ends(settings.checkpoint, 'checkpoint', (outcome) => {
          const done = outcome.kind === 'done' ? postgres.checkpoint() : outcome;
          this.#happens({ ...this.#moment(), kind: 'checkpoint-ended', id: effect.id, outcome: done });
        });
        return;
      }
      case 'reconfigure': {
        this.#after(RELOAD, 'reload', () => {
          const outcome = postgres.reconfigure(effect.desired);
          this.#happens({ ...this.#moment(), kind: 'reconfigured', id: effect.id, outcome });
        });
        return;
      }
      case 'manage-slots': {
        this.#ends(RELOAD, 'slots', (outcome) => {
          const managed = outcome.kind === 'done' ? postgres.slots.change(effect.change) : outcome;
          this.#happens({ ...this.#moment(), kind: 'slots-managed', id: effect.id, outcome: managed });
        });
        return;
      }
      case 'look':
        this.#looks.look();
        return;
      case 'look-at':
        this.#looks.lookAt(effect.at);
        return;
      case 'ask-peers':
        for (const peer of effect.peers) {
          this.#setup.peers.ask({ ...effect, from: this.#setup.place, asker: this.actor, peer }, (answer) =>
            this.#happens({ ...this.#moment(), kind: 'peer-answered', answer }),
          );
        }
        return undefined;
      case 'ask-failsafe':
        for (const { member, apiUrl } of effect.peers) {
          this.#setup.peers.askFailsafe({ ...effect, from: this.#setup.place, asker: this.actor, apiUrl }, (answer) =>
            this.#happens({ ...this.#moment(), kind: 'failsafe-answered', askedAt: effect.askedAt, member, answer }),
          );
        }
        return undefined;
      case 'ask-history':
        askHistory(this.#setup, this.actor, effect, (answer) =>
          this.#happens({ ...this.#moment(), kind: 'history-answered', answer }),
        );
        return;
      case 'reply':
        this.#requests.get(effect.id)?.(effect.answer);
        this.#requests.delete(effect.id);
        return undefined;
      case 'log':
        this.#note(() => `${effect.level} ${effect.event} ${JSON.stringify(effect.fields)}`);
        return;
      case 'exit':
        this.#note(() => `exits with ${effect.code}`);
        this.kill();
        this.#setup.exited(effect.code);
        return;
      default:
        return assertNever(effect);
    }
  }

  /** What it would tell an operator who asks why it took the lock. */
  #tellRace(): void {
    const { emit, place } = this.#setup;
    const race = this.#machine?.snapshot().memory.race ?? null;
    if (race === null || race.former === null || race.renewedBefore === null) return;
    emit({ kind: 'seeks-lock', host: place, former: race.former.name, renewedBeforeMs: race.renewedBefore });
  }

  #openWatch(): void {
    const connection = this.#connection;
    invariant(connection !== null, 'an agent that starts has a connection');
    const { views } = this.#setup;
    this.#watch = new StoreWatch({
      ...this.#setup,
      connection,
      actor: this.actor,
      listener: {
        picture: (picture) => this.#see(picture, views.of(picture)),
        silent: (reason) => this.#happens({ ...this.#moment(), kind: 'store-silent', reason }),
      },
    });
  }

  #see(picture: Picture, view: ClusterView): void {
    const { emit, place } = this.#setup;
    const paused = view.config.kind === 'valid' ? view.config.config.pause : null;
    emit({ kind: 'picture-seen', host: place, revision: picture.revision, holder: view.lock?.holder ?? null, paused });
    this.#happens({ ...this.#moment(), kind: 'view', view, gapless: picture.gapless });
  }

  /** Work that needs a server that answers. */
  #ends(span: Span, label: string, ended: (outcome: TaskOutcome) => void): void {
    this.#after(span, label, () => {
      const down: TaskOutcome = { kind: 'failed', reason: 'the server does not answer' };
      ended(this.#setup.postgres.acceptsConnections ? { kind: 'done' } : down);
    });
  }

  #after(span: Span, label: string, run: () => void): void {
    this.#setup.kernel.after(drawSpan(this.#delays, span), this.actor, label, run);
  }

  #channel(): Channel {
    const { kernel } = this.#setup;
    return new Channel({ kernel, to: this.actor, delay: THREAD_DELAY, purpose: 'to agent' });
  }

  #note(text: () => string): void {
    this.#setup.kernel.note(`${memberName(this.#setup.place)} agent`, text);
  }
}

export type AgentSetup = NodeSetup & {
  readonly views: ClusterViews;
  readonly peers: PeerNetwork;
  readonly exited: (code: number) => void;
};

const AGENT_START: Span = { from: 50, to: 200 };
const RELOAD: Span = { from: 2, to: 30 };
/** How long the driver waits for the store's answer to a write of the agent. */
const WRITE_LIMIT = millis(1000);
