import type { NodeName } from '../names.ts';
import { processBehind } from './asker.ts';
import { Relay } from './relay.ts';
import { listeningPorts, tcpTable } from './tcp-table.ts';

/**
 * All that connects the nodes with each other, with the store and with clients. Each node has one relay before its
 * PostgreSQL and one before its REST API (these ports it publishes), and one of its own to the store. So a node can be
 * cut off silently, with no privilege.
 */
export class Network {
  readonly #relays: { readonly relay: Relay<Asker>; readonly target: NodeName | 'store' }[] = [];
  readonly #cut = new Set<NodeName>();
  readonly #processes: () => readonly NodeProcess[];

  private constructor(processes: () => readonly NodeProcess[]) {
    this.#processes = processes;
  }

  /** @param processes every process of every node: by these it is told whose connection one is. */
  static async open(wires: readonly Wires[], processes: () => readonly NodeProcess[]): Promise<Network> {
    const network = new Network(processes);
    for (const { name, inbound, toStore } of wires) {
      for (const wire of inbound) await network.#add(wire, name, (from) => network.#whoIs(from));
      await network.#add(toStore, 'store', () => name);
    }
    return network;
  }

  isCut(name: NodeName): boolean {
    return this.#cut.has(name);
  }

  /** From now on nothing passes between this node and anybody else. No connection ends by it. */
  cut(name: NodeName): void {
    this.#cut.add(name);
    for (const { relay } of this.#relays) relay.review();
  }

  mend(name: NodeName): void {
    this.#cut.delete(name);
    for (const { relay } of this.#relays) relay.review();
  }

  /** A node died: what it had sent and a cut held back never arrives. */
  lose(name: NodeName): void {
    for (const { relay, target } of this.#relays) {
      relay.loseAsker(name);
      if (target === name) relay.loseTarget();
    }
  }

  /** Relays listen where their targets do; to be called some times in a second. */
  async attend(): Promise<void> {
    const ports = listeningPorts(tcpTable());
    for (const { relay, target } of this.#relays) {
      // Behind a cut nobody is refused either.
      if (target !== 'store' && this.#cut.has(target)) continue;
      await relay.follow(ports.has(relay.target) ? 'listens' : 'does-not');
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#relays.map(({ relay }) => relay.close()));
  }

  async #add(wire: Wire, target: NodeName | 'store', askerOf: (from: From) => Asker): Promise<void> {
    const holds = (asker: Asker): boolean => isHeld({ asker, target }, this.#cut);
    this.#relays.push({ relay: await Relay.open({ ...wire, rules: { askerOf, holds } }), target });
  }

  #whoIs(from: From): Asker {
    return processBehind(from, this.#processes)?.node ?? 'outside';
  }
}

/** Clients (and whoever looks from outside) are on nobody's side of a cut. A node always reaches itself. */
export function isHeld(
  { asker, target }: { readonly asker: Asker; readonly target: NodeName | 'store' },
  cut: ReadonlySet<NodeName>,
): boolean {
  if (asker === target) return false;
  return (asker !== 'outside' && cut.has(asker)) || (target !== 'store' && cut.has(target));
}

/** A relay's port, and the port that it leads to. */
export interface Wire {
  readonly port: number;
  readonly target: number;
}

export interface Wires {
  readonly name: NodeName;
  readonly inbound: readonly Wire[];
  readonly toStore: Wire;
}

export interface NodeProcess {
  readonly node: NodeName;
  readonly pid: number;
}

export type Asker = NodeName | 'outside';

type From = { readonly port: number; readonly relayPort: number };
