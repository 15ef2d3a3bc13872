import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * One port of 127.0.0.1 whose connections are passed on to another one, as long as they are let. A connection that is
 * held stays open on both sides and nothing comes through, as behind a broken cable: no end, no reset, and what was
 * under way arrives when the cable is mended.
 */
export class Relay<Asker> {
  readonly port: number;
  readonly #target: number;
  readonly #rules: RelayRules<Asker>;
  readonly #server: Server;
  readonly #connections = new Set<Passage<Asker>>();

  private constructor(server: Server, options: RelayOptions<Asker>) {
    this.port = options.port;
    this.#target = options.target;
    this.#rules = options.rules;
    this.#server = server.on('connection', (client) => this.#accept(client));
  }

  /** @throws when the port is taken. */
  static open<Asker>(options: RelayOptions<Asker>): Promise<Relay<Asker>> {
    return new Promise((resolve, reject) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
      const relay = new Relay(server, options);
      server.once('error', reject).listen(options.port, '127.0.0.1', () => resolve(relay));
    });
  }

  /** The rules may say something else now: hold and release accordingly. */
  review(): void {
    for (const passage of this.#connections) passage.set(this.#flowOf(passage.asker));
  }

  /** Breaks every connection. */
  close(): Promise<void> {
    for (const passage of this.#connections) passage.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(client: Socket): void {
    const asker = this.#rules.askerOf({ port: client.remotePort ?? 0, relayPort: this.port });
    const passage = new Passage(client, { asker, target: this.#target });
    this.#connections.add(passage);
    passage.onEnd(() => this.#connections.delete(passage));
    passage.set(this.#flowOf(asker));
  }

  #flowOf(asker: Asker): Flow {
    return this.#rules.holds(asker) ? 'held' : 'open';
  }
}

export interface RelayOptions<Asker> {
  readonly port: number;
  /** Also on 127.0.0.1. */
  readonly target: number;
  readonly rules: RelayRules<Asker>;
}

export interface RelayRules<Asker> {
  /** Whose connection it is, by the port that it comes from; asked once, when it comes. */
  askerOf(from: { readonly port: number; readonly relayPort: number }): Asker;
  /** Shall nothing of this asker pass now? */
  holds(asker: Asker): boolean;
}

type Flow = 'open' | 'held';

/** One connection through a relay. The far side is dialed when it is first let through. */
class Passage<Asker> {
  readonly asker: Asker;
  readonly #near: Socket;
  readonly #target: number;
  #far: Socket | null = null;
  #flow: Flow = 'held';
  #end: () => void = () => {};

  constructor(near: Socket, { asker, target }: { readonly asker: Asker; readonly target: number }) {
    this.asker = asker;
    this.#near = near;
    this.#target = target;
    near.setNoDelay(true).on('error', ignore);
    near.once('close', () => this.#settle());
  }

  onEnd(end: () => void): void {
    this.#end = end;
  }

  set(flow: Flow): void {
    this.#flow = flow;
    const far = flow === 'open' ? this.#dial() : this.#far;
    for (const socket of [this.#near, far])
      if (flow === 'open') socket?.resume();
      else socket?.pause();
    this.#settle();
  }

  destroy(): void {
    this.#near.destroy();
    this.#far?.destroy();
    this.#end();
  }

  #dial(): Socket {
    if (this.#far !== null) return this.#far;
    const far = connect({ host: '127.0.0.1', port: this.#target, allowHalfOpen: true });
    far.setNoDelay(true).on('error', ignore);
    far.once('close', () => this.#settle());
    this.#far = far;
    this.#carry(this.#near, far);
    this.#carry(far, this.#near);
    return far;
  }

  #carry(from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (this.#flow === 'open') from.resume();
    });
    from.on('end', () => to.end());
  }

  /** One side is gone: so is the other, unless that news is held, too. */
  #settle(): void {
    const isBroken = this.#near.destroyed || this.#far?.destroyed === true;
    if (isBroken && this.#flow === 'open') this.destroy();
  }
}

/** Whatever went wrong, `close` comes after it. */
function ignore(): void {}
