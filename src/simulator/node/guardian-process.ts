import { assertNever } from '../../domain/invariant.ts';
import type { Instant } from '../../domain/time.ts';
import type {
  GuardianEffect,
  GuardianEvent,
  GuardianMessage,
  GuardianReport,
  PostgresProcesses,
} from '../../ports/guardian.ts';
import type { WatchdogAction } from '../../ports/watchdog.ts';
import { Actor } from '../kernel/actor.ts';
import { Channel } from '../kernel/channel.ts';
import type { Scheduled } from '../kernel/event-heap.ts';
import type { PostgresModel } from '../postgres/postgres-model.ts';
import { drawSpan, type Span } from '../world/settings.ts';
import type { Stepper } from './machines.ts';
import { guardedStep, type NodeSetup } from './node-setup.ts';

/** The guardian of one data directory: its own process, which outlives the agent that started it. */
export class GuardianProcess {
  readonly actor: Actor;
  readonly #setup: NodeSetup;
  #step: Stepper<GuardianEvent, GuardianEffect> = () => [];
  #connection: Connection | null = null;
  #timer: { readonly at: Instant; readonly scheduled: Scheduled } | null = null;
  #pid = 5000;

  constructor(setup: NodeSetup) {
    this.#setup = setup;
    this.actor = new Actor(`guardian ${setup.place}`);
  }

  /** Connect to the guardian that runs, or start one. Reports reach `client` in order, until it ends. */
  connect(client: Actor, hear: (report: GuardianReport) => void): void {
    this.hangUp();
    if (this.actor.state !== 'frozen') {
      this.#reach(client, hear);
      return;
    }
    // One that says no hello is ended, and another one started: as the adapter does it.
    this.#setup.kernel.after(HELLO_LIMIT_MS, client, 'no hello', () => {
      if (this.actor.state === 'frozen') this.kill();
      this.#reach(client, hear);
    });
  }

  #reach(client: Actor, hear: (report: GuardianReport) => void): void {
    const delay = this.actor.state === 'dead' ? this.#setup.settings.spawn : SOCKET_DELAY;
    this.#after('connects', delay, client, () => {
      if (this.actor.state === 'dead') this.#start();
      this.#connection = {
        client,
        life: client.life,
        hear,
        toClient: this.#channel(client, 'from guardian'),
        toGuardian: this.#channel(this.actor, 'to guardian'),
      };
      // Before the client hears of it: what it does then may already hang up.
      this.#connection.toGuardian.send(() => this.#happens({ at: this.#now, kind: 'connected' }));
      hear({ kind: 'connected' });
    });
  }

  tell(message: GuardianMessage): void {
    this.#connection?.toGuardian.send(() => {
      this.#tellWorld(message);
      this.#happens({ at: this.#now, kind: 'message', message });
    });
  }

  /** The agent's end of the connection is gone. */
  hangUp(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.toGuardian.send(() => this.#happens({ at: this.#now, kind: 'disconnected' }));
  }

  kill(): void {
    if (this.actor.state === 'dead') return;
    this.actor.kill();
    this.#note(() => 'is dead');
    this.#setup.watchdog.abandon();
    this.#setup.emit({ kind: 'guardian-ended', host: this.#setup.place });
    const connection = this.#connection;
    this.#connection = null;
    connection?.toClient.send(() => connection.hear({ kind: 'lost', reason: 'the guardian ended' }));
  }

  #tellWorld(message: GuardianMessage): void {
    const { emit, place, clock } = this.#setup;
    if (message.kind === 'arm')
      emit({ kind: 'guardian-told', host: place, deadline: clock.worldTime(message.deadline) });
    if (message.kind === 'disarm') emit({ kind: 'guardian-told', host: place, deadline: null });
  }

  #start(): void {
    this.#setup.emit({ kind: 'guardian-began', host: this.#setup.place });
    this.#pid += 1;
    this.actor.start();
    this.#timer = null;
    const { machines, clock } = this.#setup;
    this.#step = guardedStep(this.#setup, 'guardian', machines.guardian({ at: clock.now(), pid: this.#pid }));
    this.#after('guardian starts', SOCKET_DELAY, this.actor, () => this.#happens({ at: this.#now, kind: 'started' }));
  }

  #happens(event: GuardianEvent): void {
    for (const effect of this.#step(event)) this.#perform(effect);
  }

  get #now(): Instant {
    return this.#setup.clock.now();
  }

  #perform(effect: GuardianEffect): void {
    const { postgres } = this.#setup;
    switch (effect.kind) {
      case 'set-timer':
        this.#setTimer(effect.at);
        return;
      case 'scan':
        this.#after('guardian scans', SCAN, this.actor, () => this.#scanned());
        return;
      case 'fast-stop':
        this.#note(() => 'stops PostgreSQL');
        {
          postgres.fastStop();
          return;
        }
      case 'hard-fence':
        this.#note(() => 'kills PostgreSQL');
        {
          this.#after('guardian kills', KILL, this.actor, () => {
            postgres.killEverything();
            this.#scanned();
          });
          return;
        }
      case 'watchdog':
        this.#toWatchdog(effect.action);
        return;
      case 'send':
        this.#send(effect.report);
        return;
      case 'log':
        this.#note(() => `${effect.event} ${JSON.stringify(effect.fields)}`);
        return;
      case 'end':
        this.kill();
        return;
      default:
        return assertNever(effect);
    }
  }

  #toWatchdog(action: WatchdogAction): void {
    const answer = this.#setup.watchdog.act(action);
    if (answer === null) return;
    // An ioctl: one answer after the other, before anything else happens.
    this.#setup.kernel.after(0, this.actor, 'watchdog answers', () =>
      this.#happens({ at: this.#now, kind: 'watchdog-answered', answer }),
    );
  }

  #scanned(): void {
    this.#happens({ at: this.#now, kind: 'scanned', processes: processesOf(this.#setup.postgres) });
  }

  #send(report: GuardianReport): void {
    const { emit, place } = this.#setup;
    if (report.kind === 'watchdog') emit({ kind: 'watchdog-told', host: place, how: report.watchdog.kind });
    const connection = this.#connection;
    connection?.toClient.send(() => {
      if (this.#connection === connection) connection.hear(report);
    });
  }

  #setTimer(at: Instant): void {
    if (this.#timer !== null) this.#setup.kernel.callOff(this.#timer.scheduled);
    const scheduled = this.#setup.clock.timer(at, this.actor, 'guardian timer', () => {
      if (this.#timer?.at !== at) return;
      this.#timer = null;
      this.#happens({ at: this.#now, kind: 'timer' });
    });
    this.#timer = { at, scheduled };
  }

  #after(label: string, span: Span, actor: Actor, run: () => void): void {
    const { kernel } = this.#setup;
    kernel.after(drawSpan(kernel.random('guardian'), span), actor, label, run);
  }

  #channel(to: Actor, purpose: string): Channel {
    return new Channel({ kernel: this.#setup.kernel, to, delay: SOCKET_DELAY, purpose });
  }

  #note(text: () => string): void {
    this.#setup.kernel.note(`${this.#setup.place} guardian`, text);
  }
}

type Connection = {
  readonly client: Actor;
  readonly life: number;
  readonly hear: (report: GuardianReport) => void;
  readonly toClient: Channel;
  readonly toGuardian: Channel;
};

function processesOf(postgres: PostgresModel): PostgresProcesses {
  const { server } = postgres;
  if (server.kind === 'down') return { postmaster: null, others: [] };
  if (server.kind === 'orphaned') {
    return { postmaster: null, others: Array.from({ length: server.processCount }, (_, index) => ORPHAN_PID + index) };
  }
  return { postmaster: server.pid, others: [ORPHAN_PID] };
}

/** The adapter's. */
const HELLO_LIMIT_MS = 600;
const SOCKET_DELAY: Span = { from: 0.05, to: 0.5 };
const SCAN: Span = { from: 1, to: 6 };
const KILL: Span = { from: 2, to: 25 };
const ORPHAN_PID = 30_000;
