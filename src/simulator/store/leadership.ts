import type { Kernel } from '../kernel/kernel.ts';
import type { Network, Place } from '../world/network.ts';

export type StoreMember = { readonly name: string; readonly place: Place };

/**
 * Which store member leads. A leader needs the majority; a deposed one goes on believing for a while, even beside its
 * successor, and answers what does not pass through consensus. Stands in for Raft: logs are not modelled, only who can
 * commit when, and in which term.
 */
export class Leadership {
  readonly members: readonly StoreMember[];
  readonly electionTimeoutMs: number;
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #listener: LeadershipListener;
  /** Its process has ended; the number says how many times it has to be restarted. */
  readonly #stopped = new Map<string, number>();
  /** Its process stands still: nothing breaks, and nobody answers. */
  readonly #frozen = new Set<string>();
  /** Its disk does not answer: it takes part in nothing, and does not know it. */
  readonly #stuck = new Set<string>();
  readonly #withoutPower = new Set<string>();
  /** How often each member's process has ended. */
  readonly #lives = new Map<string, number>();
  /** Since when a member does not reach the leader; absent: it does. */
  readonly #lostLeaderAt = new Map<string, number>();
  #leader: StoreMember | null = null;
  #deposed: { readonly member: StoreMember; readonly until: number; readonly term: bigint } | null = null;
  #term = FIRST_TERM;
  #election = 0;
  #electionPending = false;

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly members: readonly StoreMember[];
    readonly electionTimeoutMs: number;
    readonly listener: LeadershipListener;
  }) {
    this.members = options.members;
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.electionTimeoutMs = options.electionTimeoutMs;
    this.#listener = options.listener;
    this.#leader = options.members[0] ?? null;
    this.#network.onChange({ after: () => this.#reconsider() });
  }

  /** The member that can commit now. */
  get leader(): StoreMember | null {
    return this.#leader;
  }

  /** `stopped`: its host refuses for it. `silent`: nobody answers there at all. */
  stateOf(member: StoreMember): 'up' | 'stopped' | 'silent' {
    if (this.#network.isDown(member.place) || this.#frozen.has(member.name)) return 'silent';
    return this.#stopped.has(member.name) ? 'stopped' : 'up';
  }

  isUp(member: StoreMember): boolean {
    return this.stateOf(member) === 'up';
  }

  /** Another number: what was sent to the former process never arrives. */
  lifeOf(member: StoreMember): number {
    return this.#lives.get(member.name) ?? 0;
  }

  /** The term that the member believes in: it grows with each election that the member has heard of. */
  termOf(member: StoreMember): bigint {
    return this.believesToLead(member) ? (this.#deposed?.term ?? this.#term) : this.#term;
  }

  /** Does a request at this member reach a leader that can commit? */
  reachesLeader(member: StoreMember): boolean {
    return this.#leader !== null && this.#works(member) && this.#network.connects(member.place, this.#leader.place);
  }

  /** A leader that lost its majority and has neither given up nor heard of another; one whose disk hangs does neither. */
  believesToLead(member: StoreMember): boolean {
    if (this.#deposed?.member !== member || !this.isUp(member)) return false;
    if (this.#stuck.has(member.name)) return true;
    return this.#kernel.now < this.#deposed.until && !this.reachesLeader(member);
  }

  /** For how long the member has not reached a leader; 0 while it does. */
  leaderlessFor(member: StoreMember): number {
    const since = this.#lostLeaderAt.get(member.name);
    return since === undefined ? 0 : this.#kernel.now - since;
  }

  /** The member's process ends, and its connections with it. Stops add up: two need two restarts. */
  stop(member: StoreMember): void {
    this.#stopped.set(member.name, (this.#stopped.get(member.name) ?? 0) + 1);
    this.#frozen.delete(member.name);
    this.#ended(member);
    this.#reconsider();
  }

  restart(member: StoreMember): void {
    const left = (this.#stopped.get(member.name) ?? 0) - 1;
    if (left > 0) this.#stopped.set(member.name, left);
    else this.#stopped.delete(member.name);
    this.#reconsider();
  }

  /** The member's process stands still: its connections stay, and what is sent to it waits. */
  freeze(member: StoreMember): void {
    if (this.#stopped.has(member.name)) return;
    this.#frozen.add(member.name);
    this.#reconsider();
  }

  thaw(member: StoreMember): void {
    this.#frozen.delete(member.name);
    this.#reconsider();
  }

  /**
   * The member's disk does not answer. Its raft waits for it, clock and all; its clients are still answered whatever needs
   * neither disk nor consensus: keep-alives, too, before etcd 3.4.31 and 3.5.13 (issue 15247).
   */
  stick(member: StoreMember): void {
    this.#stuck.add(member.name);
    this.#reconsider();
  }

  unstick(member: StoreMember): void {
    if (!this.#stuck.delete(member.name)) return;
    // Its clock stood still with it.
    if (this.#deposed?.member === member)
      this.#deposed = { ...this.#deposed, until: this.#kernel.now + this.electionTimeoutMs };
    this.#reconsider();
  }

  /** An orderly hand-over to `member`; nothing when it could not lead. */
  moveTo(member: StoreMember): void {
    if (this.#leader !== null && this.#leader !== member && this.#hasMajority(member)) this.#elect(member);
  }

  /** Another cluster of the same members: its terms begin anew. */
  forgetTerms(): void {
    this.#term = FIRST_TERM;
    this.#deposed = null;
  }

  #reconsider(): void {
    this.#reconsiderHosts();
    this.#reconsiderLeader();
    for (const member of this.members) {
      if (this.reachesLeader(member)) this.#lostLeaderAt.delete(member.name);
      else if (!this.#lostLeaderAt.has(member.name)) this.#lostLeaderAt.set(member.name, this.#kernel.now);
    }
    this.#listener.changed();
  }

  /** Nobody hears of a host that loses its power; whoever is still connected when it is back, does. */
  #reconsiderHosts(): void {
    for (const member of this.members) {
      if (this.#network.isDown(member.place)) this.#withoutPower.add(member.name);
      else if (this.#withoutPower.delete(member.name)) this.#ended(member);
    }
  }

  #ended(member: StoreMember): void {
    this.#stuck.delete(member.name);
    this.#lives.set(member.name, this.lifeOf(member) + 1);
    this.#listener.stopped(member);
  }

  #reconsiderLeader(): void {
    if (this.#leader !== null) {
      if (this.#hasMajority(this.#leader)) return;
      const span = this.electionTimeoutMs * this.#kernel.random('deposed leader').between(1, 2);
      this.#deposed = { member: this.#leader, until: this.#kernel.now + span, term: this.#term };
      this.#kernel.note('store', () => `${this.#deposed?.member.name ?? '?'} has no majority any more`);
      this.#leader = null;
      this.#listener.deposed();
    }
    const deposed = this.#deposed;
    if (deposed !== null && this.believesToLead(deposed.member) && this.#hasMajority(deposed.member)) {
      // Back before anybody else was elected: the same term goes on, no lease is given its full time again.
      this.#leader = deposed.member;
      this.#deposed = null;
      this.#election += 1;
      this.#electionPending = false;
      this.#listener.goesOn(this.#term);
      return;
    }
    this.#scheduleElection();
  }

  #scheduleElection(): void {
    if (this.#electionPending || !this.members.some((member) => this.#hasMajority(member))) return;
    this.#electionPending = true;
    this.#election += 1;
    const election = this.#election;
    const delay = this.electionTimeoutMs * this.#kernel.random('election').between(1, 2);
    this.#kernel.after(delay, null, 'store election', () => {
      if (election !== this.#election) return;
      this.#electionPending = false;
      const winner = this.#kernel.random('election').pick(this.members.filter((member) => this.#hasMajority(member)));
      if (winner !== undefined) this.#elect(winner);
    });
  }

  #elect(member: StoreMember): void {
    this.#leader = member;
    if (this.#deposed?.member === member) this.#deposed = null;
    this.#term += 1n;
    this.#election += 1;
    this.#electionPending = false;
    this.#kernel.note('store', () => `${member.name} leads in term ${this.#term}; every lease is extended`);
    this.#listener.elected();
    this.#reconsider();
  }

  #works(member: StoreMember): boolean {
    return this.isUp(member) && !this.#stuck.has(member.name);
  }

  #hasMajority(member: StoreMember): boolean {
    if (!this.#works(member)) return false;
    const connected = this.members.filter(
      (other) => this.#works(other) && this.#network.connects(member.place, other.place),
    );
    return connected.length > this.members.length / 2;
  }
}

export type LeadershipListener = {
  readonly deposed: () => void;
  /** It has its majority back in time, and leads on in its term. */
  readonly goesOn: (term: bigint) => void;
  /** A new leader took over. */
  readonly elected: () => void;
  /** Who reaches whom may have changed. */
  readonly changed: () => void;
  /** Connections to the member break: its process ended, or its host is back after an outage. */
  readonly stopped: (member: StoreMember) => void;
};

const FIRST_TERM = 1n;
