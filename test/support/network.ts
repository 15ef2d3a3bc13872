import { readdir } from 'node:fs/promises';
import { run } from './command.ts';

/**
 * A wire between hosts: a bridge in a network namespace of its own, and one namespace per host plugged into it. Nothing
 * of it is visible on the machine's own network, so runs beside each other may use the same addresses.
 */
export class Network {
  readonly #prefix: string;
  readonly #plugged = new Map<string, HostAddress>();

  private constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** `prefix` names the namespaces; whatever an earlier, crashed run with a dead process left is removed first. */
  static async lay(prefix: string): Promise<Network> {
    const network = new Network(prefix);
    const wire = network.#wire;
    await run(['ip', 'netns', 'add', wire]);
    await run(['ip', '-n', wire, 'link', 'set', 'lo', 'up']);
    await run(['ip', '-n', wire, 'link', 'add', 'wire', 'type', 'bridge', 'forward_delay', '0']);
    await run(['ip', '-n', wire, 'link', 'set', 'wire', 'up']);
    // Loss happens on the wire: the kernel of a cut host sees silence, as it would behind a dead switch port.
    await run(['ip', 'netns', 'exec', wire, 'nft', '-f', '-'], {
      input: `table bridge cut {
        set from { type ifname; }
        set to { type ifname; }
        chain forward {
          type filter hook forward priority 0; policy accept;
          iifname @from drop
          oifname @to drop
        }
      }`,
    });
    return network;
  }

  get #wire(): string {
    return `${this.#prefix}-wire`;
  }

  namespaceOf(host: string): string {
    return `${this.#prefix}-${host}`;
  }

  /** A new namespace with one cable. The hardware address stays the host's own, so neighbours need not learn it again. */
  async plugIn(host: string, address: HostAddress): Promise<void> {
    const namespace = this.namespaceOf(host);
    await run(['ip', 'netns', 'add', namespace]);
    await run([
      'ip',
      '-n',
      this.#wire,
      'link',
      'add',
      'name',
      host,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      namespace,
      'address',
      address.mac,
    ]);
    await run(['ip', '-n', namespace, 'address', 'add', `${address.ip}/24`, 'dev', 'eth0']);
    await run(['ip', '-n', namespace, 'link', 'set', 'lo', 'up']);
    await run(['ip', '-n', namespace, 'link', 'set', 'eth0', 'up']);
    await run(['ip', '-n', this.#wire, 'link', 'set', 'dev', host, 'master', 'wire', 'up']);
    this.#plugged.set(host, address);
  }

  /** Pull the cable: nothing that the host still says is heard by anybody. */
  async pullCable(host: string): Promise<void> {
    await run(['ip', '-n', this.#wire, 'link', 'set', 'dev', host, 'down']);
  }

  /** The namespace with its half-open connections is gone; what comes back under the name knows nothing of them. */
  async unplug(host: string): Promise<void> {
    this.#plugged.delete(host);
    await run(['ip', 'netns', 'delete', this.namespaceOf(host)]);
    // The kernel takes the cable away with the namespace, a moment later; the name must be free before it is used again.
    await run(['ip', '-n', this.#wire, 'link', 'delete', 'dev', host]).catch(() => {});
  }

  async cut(host: string, direction: Direction): Promise<void> {
    for (const set of setsOf(direction)) await this.#change('add', set, host);
  }

  async heal(host: string): Promise<void> {
    for (const set of setsOf('both')) await this.#change('delete', set, host).catch(() => {});
  }

  async #change(verb: 'add' | 'delete', set: 'from' | 'to', host: string): Promise<void> {
    await run(['ip', 'netns', 'exec', this.#wire, 'nft', verb, 'element', 'bridge', 'cut', set, `{ "${host}" }`]);
  }

  async remove(): Promise<void> {
    for (const host of this.#plugged.keys()) await this.unplug(host);
    await run(['ip', 'netns', 'delete', this.#wire]);
  }
}

/** Every namespace of this machine that has a name, in no order. */
export async function namedNamespaces(): Promise<readonly string[]> {
  return readdir(namespaceFolder).catch(() => []);
}

export const namespaceFolder = '/run/netns';

export interface HostAddress {
  readonly ip: string;
  readonly mac: string;
}

/** Seen from the host: `incoming` is what others send to it, `outgoing` what it sends. */
export type Direction = 'both' | 'incoming' | 'outgoing';

function setsOf(direction: Direction): readonly ('from' | 'to')[] {
  switch (direction) {
    case 'both':
      return ['from', 'to'];
    case 'incoming':
      return ['to'];
    case 'outgoing':
      return ['from'];
  }
}
