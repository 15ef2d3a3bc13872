/**
 * One process (or thread) of the simulated world. What is scheduled for it reaches it only while it runs: a frozen
 * actor's events queue up and come at thaw, in their order and with the time of the thaw; a dead one's are dropped.
 */
export class Actor {
  readonly name: string;
  #state: 'running' | 'frozen' | 'dead' = 'dead';
  #life = 0;
  #backlog: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get state(): 'running' | 'frozen' | 'dead' {
    return this.#state;
  }

  get life(): number {
    return this.#life;
  }

  /** A new life: nothing that was meant for an earlier one arrives. */
  start(): void {
    this.#state = 'running';
    this.#life += 1;
    this.#backlog = [];
  }

  kill(): void {
    this.#state = 'dead';
    this.#life += 1;
    this.#backlog = [];
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  /** @returns what queued up, oldest first; the kernel delivers it. */
  thaw(): readonly (() => void)[] {
    if (this.#state !== 'frozen') return [];
    this.#state = 'running';
    const queued = this.#backlog;
    this.#backlog = [];
    return queued;
  }

  /** Deliver, queue or drop what was scheduled for `life`. */
  receive(life: number, run: () => void): void {
    if (life !== this.#life || this.#state === 'dead') return;
    if (this.#state === 'frozen') this.#backlog.push(run);
    else run();
  }
}
