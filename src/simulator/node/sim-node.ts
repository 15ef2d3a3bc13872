import type { Upstream } from '../../domain/desired-postgres.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { PostgresModel } from '../postgres/postgres-model.ts';
import type { ClusterViews } from '../store/cluster-views.ts';
import type { StoreModel } from '../store/store-model.ts';
import type { Fact } from '../world/facts.ts';
import { HostClock } from '../world/host-clock.ts';
import type { Network, Place } from '../world/network.ts';
import type { Settings } from '../world/settings.ts';
import { AgentProcess } from './agent-process.ts';
import type { Machines } from './machines.ts';
import type { PeerNetwork } from './peer-network.ts';
import { WatchdogModel } from './watchdog-model.ts';

/** One host with its PostgreSQL, agent and guardian, and what can be done to it from outside. */
export class SimNode {
  readonly place: Place;
  readonly clock: HostClock;
  readonly postgres: PostgresModel;
  readonly agent: AgentProcess;
  readonly watchdog: WatchdogModel;
  readonly #setup: SimNodeSetup;
  #power: 'on' | 'off' = 'on';
  /** The machine stands still. */
  #pause: { readonly since: number; readonly clocks: Clocks; startsAgent: boolean } | null = null;

  constructor(setup: SimNodeSetup) {
    const { kernel, place, settings, peers } = setup;
    this.#setup = setup;
    this.place = place;
    const drift = kernel.random('clock drift').between(-settings.clockDriftMax, settings.clockDriftMax);
    const clock = new HostClock({ kernel, settings, offset: setup.clockOffset, rate: 1 + drift });
    this.clock = clock;
    this.postgres = new PostgresModel({ ...setup, host: place, others: setup.otherServers });
    const { watchdog: kind } = settings;
    this.watchdog = new WatchdogModel({ kernel, place, kind, emit: setup.emit, reset: () => this.#reset() });
    this.agent = new AgentProcess({
      ...setup,
      clock,
      watchdog: this.watchdog,
      postgres: this.postgres,
      exited: (code) => this.#restartAgent(code),
    });
    peers.listen(place, {
      actor: this.agent.actor,
      clock,
      snapshot: () => this.agent.snapshot(),
      request: (request, answered) => this.agent.request(request, answered),
    });
  }

  get isOn(): boolean {
    return this.#power === 'on';
  }

  /** On a machine that stands still it starts when that goes on. */
  startAgent(): void {
    if (!this.isOn) return;
    if (this.#pause === null) this.agent.start();
    else this.#pause.startsAgent = true;
  }

  /** Processes that were stopped one by one go on, unless nothing on this machine does. */
  thaw(what: 'agent' | 'main thread' | 'guardian'): void {
    if (this.#pause !== null) return;
    if (what === 'agent') this.agent.thaw();
    else this.#setup.kernel.thaw(what === 'guardian' ? this.agent.guardian.actor : this.agent.actor);
  }

  /** The machine loses its power: everything on it ends at once, files stay. */
  powerOff(): void {
    if (!this.isOn) return;
    this.#power = 'off';
    this.#note('power off');
    if (this.#pause?.clocks === 'stand-still') this.clock.goOn();
    this.#pause = null;
    this.agent.kill();
    this.agent.guardian.kill();
    this.watchdog.powerOff();
    this.postgres.losePower();
    this.#setup.network.powerOff(this.place);
  }

  powerOn(): void {
    if (this.isOn) return;
    this.#power = 'on';
    this.#note('power on');
    this.postgres.actor.start();
    this.#setup.network.powerOn(this.place);
    this.agent.start();
  }

  /**
   * The whole machine stands still and comes back. `run-on`: its clocks count the time, as after a suspension.
   * `stand-still`: they do not, as in a virtual machine that was stopped, and nothing on it can tell.
   */
  pauseMachine(clocks: Clocks): void {
    if (!this.isOn || this.#pause !== null) return;
    this.#note(`machine paused, its clocks ${clocks}`);
    this.#pause = { since: this.#setup.kernel.now, clocks, startsAgent: false };
    if (clocks === 'stand-still') this.clock.standStill();
    this.agent.freeze();
    this.agent.guardian.actor.freeze();
    this.postgres.freeze('machine');
  }

  resumeMachine(): void {
    if (this.#pause === null) return;
    const { since, clocks, startsAgent } = this.#pause;
    this.#pause = null;
    this.#note('machine resumed');
    if (clocks === 'stand-still') this.clock.goOn();
    else this.clock.wasSuspended(this.#setup.kernel.now - since);
    this.postgres.thaw('machine');
    this.#setup.kernel.thaw(this.agent.guardian.actor);
    this.agent.thaw();
    this.agent.heartbeat.wakesWithin();
    if (startsAgent) this.startAgent();
  }

  /** Its watchdog fired: it goes off as if the power had failed, and comes up again. */
  #reset(): void {
    const { kernel } = this.#setup;
    this.powerOff();
    kernel.after(kernel.random('boot').between(3_000, 20_000), null, 'boots', () => this.powerOn());
  }

  /** systemd starts an agent that ended. */
  #restartAgent(code: number): void {
    const { kernel } = this.#setup;
    kernel.after(kernel.random('systemd').between(1000, 5000), null, 'systemd', () => {
      if (!this.agent.isRunning) this.#note(`systemd starts the agent that ended with ${code}`);
      this.startAgent();
    });
  }

  #note(text: string): void {
    this.#setup.kernel.note(this.place, () => text);
  }
}

type Clocks = 'run-on' | 'stand-still';

export type SimNodeSetup = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly settings: Settings;
  readonly store: StoreModel;
  readonly place: Place;
  readonly clockOffset: number;
  readonly machines: Machines;
  readonly views: ClusterViews;
  readonly peers: PeerNetwork;
  readonly emit: (fact: Fact) => void;
  readonly resolve: (upstream: Upstream) => PostgresModel | null;
  readonly otherServers: () => readonly PostgresModel[];
};
