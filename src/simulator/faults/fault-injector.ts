import { LeaseTruth } from '../checkers/lease-truth.ts';
import type { SimNode } from '../node/sim-node.ts';
import type { World } from '../world/world.ts';
import { befallNode } from './befall-node.ts';
import { befallRemote } from './befall-remote.ts';
import { befallStore } from './befall-store.ts';
import { excuseWhilePaused } from './cluster-pause.ts';
import { Excuses } from './excuses.ts';
import {
  describeFault,
  type Fault,
  isNodeFault,
  isOperatorAct,
  isRemoteFault,
  type PlannedFault,
  type Target,
} from './fault.ts';
import { operate } from './operate.ts';
import { OperatorPause } from './operator-pause.ts';
import { nodeAt, type Scene } from './scene.ts';

/**
 * Makes faults happen and ends them. On one machine, what befalls agent and guardian is kept apart in time, since both
 * gone together is outside the fault model without a watchdog (docs/faults.md); a pause of the machine is excused while it lasts.
 */
export class FaultInjector {
  readonly #world: World;
  readonly #scene: Scene;
  /** Undo of what still lasts. */
  readonly #lasting = new Set<() => void>();
  /** Per machine: until when its agent and guardian are left alone. */
  readonly #spared = new Map<SimNode, number>();
  readonly #truth = new LeaseTruth();
  readonly #happened: PlannedFault[] = [];

  constructor(world: World) {
    const excuses = new Excuses((fact) => world.emit(fact));
    this.#world = world;
    const operator = new OperatorPause(world);
    const pause = { begin: (of: Target) => operator.begin(of), end: () => operator.end() };
    this.#scene = {
      world,
      excuses,
      pause,
      truth: this.#truth,
      isWatched: (node) => this.#isWatched(node),
      endsAfter: (span, undo) => this.#endsAfter(span, undo),
    };
    excuseWhilePaused(world, excuses);
    world.listen((fact) => this.#truth.see(fact, world.kernel.now), LeaseTruth.hears);
  }

  /** The faults that really happened: a target may have been missing, or spared. */
  get happened(): readonly PlannedFault[] {
    return this.#happened;
  }

  schedule(plan: readonly PlannedFault[]): void {
    for (const { at, fault } of plan) this.#world.kernel.at(at, null, 'fault', () => this.inject(fault));
  }

  /** Ends whatever lasts; everything that was off is switched on. */
  endAll(): void {
    for (const undo of [...this.#lasting]) undo();
    this.#world.network.healEverything();
    for (const node of this.#world.nodes) {
      node.powerOn();
      node.startAgent();
    }
    this.#world.kernel.note('world', () => 'the faults are over');
    this.#world.emit({ kind: 'faults-over' });
  }

  /** @returns whether it happened: a target may be missing, or spared. */
  inject(fault: Fault): boolean {
    const target = 'target' in fault ? nodeAt(this.#world, fault.target) : null;
    if ('target' in fault && (target === null || !target.isOn)) return false;
    if (target !== null && !this.#isAllowed(fault, target)) return false;
    this.#world.kernel.note('FAULT', () => `${target?.place ?? ''} ${describeFault(fault)}`);
    this.#world.emit({ kind: 'fault', fault, host: target?.place ?? null });
    this.#happened.push({ at: this.#world.kernel.now, fault });
    if (isNodeFault(fault)) {
      if (target !== null) befallNode(this.#scene, fault, target);
    } else if (isOperatorAct(fault)) operate(this.#scene, fault);
    else if (isRemoteFault(fault)) befallRemote(this.#scene, fault);
    else befallStore(this.#scene, fault);
    return true;
  }

  #isAllowed(fault: Fault, node: SimNode): boolean {
    if (!TOUCHES_AGENT_OR_GUARDIAN.has(fault.kind)) return true;
    const { now } = this.#world.kernel;
    if (now < (this.#spared.get(node) ?? 0)) return false;
    if ((fault.kind === 'freeze-both' || fault.kind === 'kill-both') && !this.#isHarmless(node)) return false;
    const span = 'span' in fault && fault.kind !== 'restart-with-file' ? fault.span : 0;
    this.#spared.set(node, now + span + RECOVERY_MS);
    return true;
  }

  /** Without agent and guardian: its watchdog counts, or it neither writes nor is about to (docs/faults.md). */
  #isHarmless(node: SimNode): boolean {
    const { postgres, place } = node;
    const isQuiet = postgres.server.kind === 'down' || postgres.server.kind === 'standby';
    return this.#isWatched(node) || (isQuiet && this.#world.lockHolder() !== place);
  }

  /** One that closing does not stop counts also where it is of no use, or nothing was guarded when it was fed. */
  #isWatched({ watchdog, place }: SimNode): boolean {
    const { firesAt } = watchdog;
    if (firesAt === null || this.#world.settings.watchdog.canClose) return firesAt !== null;
    return firesAt <= (this.#truth.deadlineOf(place) ?? 0);
  }

  #endsAfter(span: number, undo: () => void): void {
    const once = (): void => {
      if (this.#lasting.delete(once)) undo();
    };
    this.#lasting.add(once);
    this.#world.kernel.after(span, null, 'fault ends', once);
  }
}

const TOUCHES_AGENT_OR_GUARDIAN: ReadonlySet<Fault['kind']> = new Set([
  'freeze-agent',
  'stall-agent',
  'freeze-guardian',
  'freeze-both',
  'kill-both',
  'kill-agent',
  'stop-agent',
  'restart-with-file',
  'kill-guardian',
  'pause-machine',
  'power-off',
]);
/** A guardian that died is replaced, or PostgreSQL demoted, within this. */
const RECOVERY_MS = 8000;
