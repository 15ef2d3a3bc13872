import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * One port of 127.0.0.1 whose connections are passed on to another one, as long as they are let. A connection that is
 * held stays open on both sides and nothing comes through, as behind a broken cable: no end, no reset, and what was
 * under way arrives when the cable is mended.
 */
export class Relay<Asker> {
  readonly target: number;
  readonly #port: number;
  readonly #rules: RelayRules<Asker>;
  readonly #connections = new Set<Passage<Asker>>();
  /** `null`: whoever connects is refused. */
  #server: Server | null = null;

  private constructor({ port, target, rules }: RelayOptions<Asker>) {
    this.target = target;
    this.#port = port;
    this.#rules = rules;
  }

  /** @throws when the port is taken. */
  static async open<Asker>(options: RelayOptions<Asker>): Promise<Relay<Asker>> {
    const relay = new Relay(options);
    const problem = await relay.#listen();
    if (problem !== null) throw problem;
    return relay;
  }

  /**
   * Where nobody listens, a connection is refused, and clients that know several addresses go on to the next; accepting
   * it first and breaking it then is another thing to them. So the relay listens while its target does.
   */
  async follow(target: 'listens' | 'does-not'): Promise<void> {
    if (target === 'listens') {
      // Taken by somebody meanwhile: the next time, perhaps.
      if (this.#server === null) await this.#listen();
    } else {
      this.#server?.close();
      this.#server = null;
    }
  }

  /** The rules may say something else now: hold and release accordingly. */
  review(): void {
    for (const passage of this.#connections) passage.set(this.#flowOf(passage.asker));
  }

  /** Whoever asked is gone with all that it had sent: nothing of it arrives, also when it was held and is released. */
  loseAsker(asker: Asker): void {
    for (const passage of this.#connections) if (passage.asker === asker) passage.loseNear();
  }

  /** The same of the target. */
  loseTarget(): void {
    for (const passage of this.#connections) passage.loseFar();
  }

  /** Breaks every connection. */
  async close(): Promise<void> {
    for (const passage of this.#connections) passage.destroy();
    const server = this.#server;
    this.#server = null;
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  #listen(): Promise<Error | null> {
    return new Promise((resolve) => {
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
      server.on('connection', (client) => this.#accept(client)).once('error', resolve);
      server.listen(this.#port, '127.0.0.1', () => {
        this.#server = server;
        resolve(null);
      });
    });
  }

  #accept(client: Socket): void {
    const asker = this.#rules.askerOf({ port: client.remotePort ?? 0, relayPort: this.#port });
    const passage = new Passage(client, { asker, target: this.target });
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
    this.#settle();
    if (this.#near.destroyed) return;
    const far = flow === 'open' ? this.#dial() : this.#far;
    for (const socket of [this.#near, far]) {
      if (flow === 'open') socket?.resume();
      else socket?.pause();
    }
  }

  loseNear(): void {
    this.#near.destroy();
  }

  loseFar(): void {
    this.#far?.destroy();
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

  /** One side broke: so does the other, unless that news is held, too. One that ended has said so, and ends by itself. */
  #settle(): void {
    const sides = [this.#near, this.#far].filter((side) => side !== null);
    if (sides.some(isBroken) && this.#flow === 'open') this.destroy();
    else if (sides.every((side) => side.destroyed)) this.#end();
  }
}

function isBroken(socket: Socket): boolean {
  return socket.destroyed && !(socket.readableEnded && socket.writableFinished);
}

/** Whatever went wrong, `close` comes after it. */
function ignore(): void {}
