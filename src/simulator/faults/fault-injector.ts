import { assertNever } from '../../domain/invariant.ts';
import { memberName, storeKey } from '../../domain/names.ts';
import type { SimNode } from '../node/sim-node.ts';
import type { StoreMember } from '../store/leadership.ts';
import type { Path } from '../world/network.ts';
import type { World } from '../world/world.ts';
import { describeFault, type Fault, type PlannedFault, type Target } from './fault.ts';

/**
 * Makes faults happen and ends them. On one machine, what befalls agent and guardian is kept apart in time, since both
 * gone together is outside the fault model (docs/faults.md); a pause of the machine is excused while it lasts.
 */
export class FaultInjector {
  readonly #world: World;
  /** Undo of what still lasts. */
  readonly #lasting = new Set<() => void>();
  /** Per machine: until when its agent and guardian are left alone. */
  readonly #spared = new Map<SimNode, number>();
  readonly #injected = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** How many faults of each kind really happened. */
  get injected(): ReadonlyMap<string, number> {
    return this.#injected;
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
    const target = 'target' in fault ? this.#node(fault.target) : null;
    if ('target' in fault && (target === null || !target.isOn)) return false;
    if (target !== null && !this.#isAllowed(fault, target)) return false;
    this.#world.kernel.note('FAULT', () => `${target?.place ?? ''} ${describeFault(fault)}`);
    this.#world.emit({ kind: 'fault', name: fault.kind, host: target?.place ?? null });
    this.#injected.set(fault.kind, (this.#injected.get(fault.kind) ?? 0) + 1);
    if (isNodeFault(fault)) {
      if (target !== null) this.#onNode(fault, target);
    } else this.#onStore(fault);
    return true;
  }

  #isAllowed(fault: Fault, node: SimNode): boolean {
    if (!TOUCHES_AGENT_OR_GUARDIAN.has(fault.kind)) return true;
    const { now } = this.#world.kernel;
    if (now < (this.#spared.get(node) ?? 0)) return false;
    const span = 'span' in fault ? fault.span : 0;
    this.#spared.set(node, now + span + RECOVERY_MS);
    return true;
  }

  #onNode(fault: NodeFault, node: SimNode): void {
    const { agent, postgres } = node;
    switch (fault.kind) {
      case 'freeze-agent':
        agent.freeze();
        this.#endsAfter(fault.span, () => agent.thaw());
        return;
      case 'stall-agent':
        agent.actor.freeze();
        this.#endsAfter(fault.span, () => this.#world.kernel.thaw(agent.actor));
        return;
      case 'freeze-guardian':
        agent.guardian.actor.freeze();
        this.#endsAfter(fault.span, () => this.#world.kernel.thaw(agent.guardian.actor));
        return;
      case 'kill-agent':
        agent.kill();
        this.#endsAfter(fault.span, () => node.startAgent());
        return;
      case 'stop-agent':
        agent.askToStop();
        this.#endsAfter(fault.span, () => node.startAgent());
        return;
      case 'kill-guardian':
        agent.guardian.kill();
        return;
      case 'kill-postmaster':
        postgres.killPostmaster();
        return;
      case 'kill-postgres':
        postgres.killEverything();
        return;
      case 'crash-backend':
        postgres.crashBackend();
        return;
      case 'power-off':
        node.powerOff();
        this.#endsAfter(fault.span, () => node.powerOn());
        return;
      case 'pause-machine':
        this.#pause(node, fault.span);
        return;
      case 'cut-node':
        this.#cut(node, fault);
        return;
      default:
        assertNever(fault);
    }
  }

  #onStore(fault: StoreFault): void {
    const { store, kernel } = this.#world;
    const { leadership } = store;
    const stream = kernel.random('store faults');
    switch (fault.kind) {
      case 'stop-store-member': {
        const member = stream.chance(0.5) ? leadership.leader : stream.pick(leadership.members);
        if (member !== null && member !== undefined) this.#stopMembers([member], fault.span);
        return;
      }
      case 'store-outage':
        this.#stopMembers(leadership.members, fault.span);
        return;
      case 'move-store-leader': {
        const next = stream.pick(leadership.members.filter((member) => member !== leadership.leader));
        if (next !== undefined) leadership.moveTo(next);
        return;
      }
      case 'compact-store':
        store.keys.compact();
        return;
      case 'lost-replies':
        store.trouble({ replyLoss: fault.probability });
        this.#endsAfter(fault.span, () => store.trouble({ replyLoss: 0 }));
        return;
      case 'lost-requests':
        store.trouble({ requestLoss: fault.probability });
        this.#endsAfter(fault.span, () => store.trouble({ requestLoss: 0 }));
        return;
      case 'slow-store':
        store.trouble({ extraCommitMs: fault.extraMs });
        this.#endsAfter(fault.span, () => store.trouble({ extraCommitMs: 0 }));
        return;
      case 'store-refuses':
        store.trouble({ refusing: 'authentication failed' });
        this.#endsAfter(fault.span, () => store.trouble({ refusing: null }));
        return;
      case 'delete-lock-by-hand':
        this.#deleteLock();
        return;
      case 'switchover':
        this.#switchover(fault.candidate);
        return;
      default:
        assertNever(fault);
    }
  }

  #stopMembers(members: readonly StoreMember[], span: number): void {
    const { leadership } = this.#world.store;
    for (const member of members) leadership.stop(member);
    this.#endsAfter(span, () => {
      for (const member of members) leadership.restart(member);
    });
  }

  #pause(node: SimNode, span: number): void {
    this.#world.emit({ kind: 'excused', host: node.place, why: 'the machine stood still' });
    node.pauseMachine();
    this.#endsAfter(span, () => {
      node.resumeMachine();
      this.#world.kernel.after(FENCED_AFTER_PAUSE_MS, null, 'excuse ends', () => {
        this.#world.emit({ kind: 'excuse-ended', host: node.place });
      });
    });
  }

  #cut(node: SimNode, fault: Extract<Fault, { readonly kind: 'cut-node' }>): void {
    const { network, store, nodes } = this.#world;
    const storePlaces = store.leadership.members.map((member) => member.place);
    const peerPlaces = nodes.map((each) => each.place);
    const wanted =
      fault.from === 'store' ? storePlaces : fault.from === 'peers' ? peerPlaces : [...storePlaces, ...peerPlaces];
    const others = [...new Set(wanted)].filter((place) => place !== node.place);
    const paths = others.flatMap((other): readonly Path[] => [
      ...(fault.direction === 'outbound' ? [] : [{ from: other, to: node.place }]),
      ...(fault.direction === 'inbound' ? [] : [{ from: node.place, to: other }]),
    ]);
    network.cut(paths);
    this.#endsAfter(fault.span, () => network.heal(paths));
  }

  #deleteLock(): void {
    const holder = this.#world.lockHolder();
    this.#world.emit({ kind: 'lock-deleted-by-hand', holder });
    this.#world.store.write({ key: storeKey('leader'), action: { kind: 'delete' }, when: [] }, null);
  }

  #switchover(candidate: 'any' | Target): void {
    const leader = this.#world.leader();
    const named = candidate === 'any' ? null : (this.#node(candidate)?.place ?? null);
    if (leader === null || named === leader.place) return;
    const request = {
      kind: 'switchover',
      leader: memberName(leader.place),
      candidate: named,
      scheduledAt: null,
    } as const;
    leader.agent.request(request, (answer) => {
      this.#world.kernel.note('operator', () => `switchover: ${JSON.stringify(answer)}`);
    });
  }

  #endsAfter(span: number, undo: () => void): void {
    const once = (): void => {
      if (this.#lasting.delete(once)) undo();
    };
    this.#lasting.add(once);
    this.#world.kernel.after(span, null, 'fault ends', once);
  }

  #node(target: Target): SimNode | null {
    const { nodes } = this.#world;
    if (target !== 'leader') return nodes[target] ?? null;
    const holder = this.#world.lockHolder();
    return holder === null ? null : this.#world.node(holder);
  }
}

type NodeFault = Extract<Fault, { readonly target: Target }>;
type StoreFault = Exclude<Fault, NodeFault>;

function isNodeFault(fault: Fault): fault is NodeFault {
  return 'target' in fault;
}

const TOUCHES_AGENT_OR_GUARDIAN: ReadonlySet<Fault['kind']> = new Set([
  'freeze-agent',
  'stall-agent',
  'freeze-guardian',
  'kill-agent',
  'stop-agent',
  'kill-guardian',
  'pause-machine',
  'power-off',
]);
/** A guardian that died is replaced, or PostgreSQL demoted, within this. */
const RECOVERY_MS = 8000;
/** From the end of a machine's pause until its guardian must have fenced. */
const FENCED_AFTER_PAUSE_MS = 500;
