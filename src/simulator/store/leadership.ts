import type { Kernel } from '../kernel/kernel.ts';
import type { Network, Place } from '../world/network.ts';

export type StoreMember = { readonly name: string; readonly place: Place };

/**
 * Which store member leads. A leader needs the majority; a deposed one goes on believing for a while and answers what
 * does not pass through consensus. Stands in for Raft: terms and logs are not modelled, only who can commit when.
 */
export class Leadership {
  readonly members: readonly StoreMember[];
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #electionTimeoutMs: number;
  readonly #onElected: (member: StoreMember) => void;
  readonly #stopped = new Set<string>();
  readonly #onStop: ((member: StoreMember) => void)[] = [];
  #leader: StoreMember | null = null;
  #deposed: { readonly member: StoreMember; readonly until: number } | null = null;
  #term = 1n;
  #election = 0;
  #electionPending = false;

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly members: readonly StoreMember[];
    readonly electionTimeoutMs: number;
    readonly onElected: (member: StoreMember) => void;
  }) {
    this.members = options.members;
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#electionTimeoutMs = options.electionTimeoutMs;
    this.#onElected = options.onElected;
    this.#leader = options.members[0] ?? null;
    this.#network.onChange({ after: () => this.#reconsider() });
  }

  /** The member that can commit now. */
  get leader(): StoreMember | null {
    return this.#leader;
  }

  isUp(member: StoreMember): boolean {
    return !this.#stopped.has(member.name) && !this.#network.isDown(member.place);
  }

  /** Grows with each election; what a member answers carries the term it believes in. */
  get term(): bigint {
    return this.#term;
  }

  /** Does a request at this member reach a leader that can commit? */
  reachesLeader(member: StoreMember): boolean {
    return this.#leader !== null && this.isUp(member) && this.#network.connects(member.place, this.#leader.place);
  }

  believesToLead(member: StoreMember): boolean {
    return this.#deposed?.member === member && this.#kernel.now < this.#deposed.until && this.isUp(member);
  }

  /** The member's process ends, and its connections with it. */
  stop(member: StoreMember): void {
    this.#stopped.add(member.name);
    this.#reconsider();
    for (const listener of this.#onStop) listener(member);
  }

  restart(member: StoreMember): void {
    this.#stopped.delete(member.name);
    this.#reconsider();
  }

  onStop(listener: (member: StoreMember) => void): void {
    this.#onStop.push(listener);
  }

  /** An orderly hand-over to `member`; nothing when it could not lead. */
  moveTo(member: StoreMember): void {
    if (this.#leader !== null && this.#leader !== member && this.#hasMajority(member)) this.#elect(member);
  }

  #reconsider(): void {
    if (this.#leader !== null) {
      if (this.#hasMajority(this.#leader)) return;
      const span = this.#electionTimeoutMs * this.#kernel.random('deposed leader').between(1, 1.5);
      this.#deposed = { member: this.#leader, until: this.#kernel.now + span };
      this.#kernel.note('store', () => `${this.#deposed?.member.name ?? '?'} has no majority any more`);
      this.#leader = null;
    }
    const deposed = this.#deposed;
    if (deposed !== null && this.believesToLead(deposed.member) && this.#hasMajority(deposed.member)) {
      // Back before anybody else was elected: the same term goes on, nothing is extended.
      this.#leader = deposed.member;
      this.#deposed = null;
      this.#election += 1;
      this.#electionPending = false;
      return;
    }
    this.#scheduleElection();
  }

  #scheduleElection(): void {
    if (this.#electionPending || !this.members.some((member) => this.#hasMajority(member))) return;
    this.#electionPending = true;
    this.#election += 1;
    const election = this.#election;
    const delay = this.#electionTimeoutMs * this.#kernel.random('election').between(1, 2);
    this.#kernel.after(delay, null, 'store election', () => {
      if (election !== this.#election) return;
      this.#electionPending = false;
      const winner = this.#kernel.random('election').pick(this.members.filter((member) => this.#hasMajority(member)));
      if (winner !== undefined) this.#elect(winner);
    });
  }

  #elect(member: StoreMember): void {
    this.#leader = member;
    this.#deposed = null;
    this.#term += 1n;
    this.#election += 1;
    this.#electionPending = false;
    this.#kernel.note('store', () => `${member.name} leads; every lease is extended`);
    this.#onElected(member);
  }

  #hasMajority(member: StoreMember): boolean {
    if (!this.isUp(member)) return false;
    const connected = this.members.filter(
      (other) => this.isUp(other) && this.#network.connects(member.place, other.place),
    );
    return connected.length > this.members.length / 2;
  }
}
