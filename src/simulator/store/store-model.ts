import type { LeaseId, Revision } from '../../domain/names.ts';
import type { StoreWrite, WriteOutcome } from '../../domain/store-write.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RandomStream } from '../kernel/random-stream.ts';
import type { Fact } from '../world/facts.ts';
import type { Network, Path, Place } from '../world/network.ts';
import { drawSpan, type Settings } from '../world/settings.ts';
import { DeposedLeader } from './deposed-leader.ts';
import type { KeySpace } from './key-space.ts';
import { Leadership, type StoreMember } from './leadership.ts';
import { expireLeases } from './lease-expiry.ts';
import { type StoreBackup, StoreState } from './store-state.ts';
import { type StoreTrouble, StoreTroubles } from './store-troubles.ts';

/** Which store, and which of its terms, an answer comes from. */
export type AnswerHeader = { readonly incarnation: number; readonly term: bigint };

/** A request on its way through the store: arrives at a member, is forwarded, committed at one instant, answered. */
export type StoreCall<Answer> = {
  readonly from: Place;
  readonly endpoint: StoreMember;
  readonly commit: () => Answer;
  /** The store cannot say yet: it is asked again a little later. */
  readonly mustWait: (() => boolean) | undefined;
  /** What a leader that lost its majority without knowing says; `undefined`: nothing, it needs consensus. */
  readonly asDeposed: ((term: bigint) => Answer) | undefined;
  readonly refuse: (reason: string) => Answer;
  /** What is said to that when there is no more space; `undefined`: it takes none. */
  readonly withoutSpace: (() => Answer) | undefined;
  readonly unreachable: (reason: string) => Answer;
  /** Called at the sender, perhaps never. */
  readonly reply: (answer: Answer, header: AnswerHeader) => void;
};

/** A connection to a member: told when the member's process ends. */
export type StoreLineEnd = {
  readonly isOver: () => boolean;
  readonly memberStopped: (member: StoreMember) => void;
};

/** A watch at a member: told when anything may have changed. */
export type StoreWatchEnd = {
  readonly isOver: () => boolean;
  readonly changed: () => void;
};

/** The replicated store: linearizable, with leases, elections, and everything that may go wrong on the way to it. */
export class StoreModel {
  readonly state: StoreState;
  readonly leadership: Leadership;
  readonly troubles = new StoreTroubles();
  readonly deposed = new DeposedLeader();
  readonly #kernel: Kernel;
  readonly #network: Network;
  readonly #settings: Settings;
  readonly #latencies: RandomStream;
  readonly #commits: RandomStream;
  readonly #lines = new Set<StoreLineEnd>();
  readonly #watches = new Set<StoreWatchEnd>();
  #incarnation = 1;
  #restoredAt: Revision | null = null;
  /** What waits for a path, or for a leader. */
  #held: Held[] = [];
  #parked: (() => void)[] = [];

  constructor(options: {
    readonly kernel: Kernel;
    readonly network: Network;
    readonly settings: Settings;
    readonly members: readonly StoreMember[];
    readonly emit: (fact: Fact) => void;
  }) {
    this.#kernel = options.kernel;
    this.#network = options.network;
    this.#settings = options.settings;
    this.#latencies = options.kernel.random('store latency');
    this.#commits = options.kernel.random('store commit');
    this.state = new StoreState({ ...options, onChange: () => this.#tellWatches() });
    this.leadership = new Leadership({
      ...options,
      electionTimeoutMs: options.settings.electionTimeoutMs,
      listener: {
        deposed: () => this.deposed.begins(this.state.leases.all()),
        goesOn: (term) => this.deposed.goesOn(this.state, term),
        elected: () => this.#elected(),
        changed: () => this.#pathsChanged(),
        stopped: (member) => {
          for (const line of present(this.#lines)) line.memberStopped(member);
        },
      },
    });
    const { state, leadership, troubles } = this;
    expireLeases({ ...options, state, leadership, troubles });
  }

  get keys(): KeySpace {
    return this.state.keys;
  }

  /** Which store answers: another one after each restored backup, as an etcd then has another cluster id. */
  get incarnation(): number {
    return this.#incarnation;
  }

  /** What is not newer came out of the backup that was restored last; `null`: none was. */
  get restoredAt(): Revision | null {
    return this.#restoredAt;
  }

  /** Something goes wrong until the returned function is called. */
  suffers(trouble: StoreTrouble): () => void {
    const end = this.troubles.begin(trouble);
    this.#tellWatches();
    return () => {
      end();
      this.#tellWatches();
    };
  }

  /** Keep telling a connection of its member, until it is over. */
  accept(line: StoreLineEnd): void {
    this.#lines.add(line);
  }

  /** Keep telling a watch of changes, until it is over. */
  serve(watch: StoreWatchEnd): void {
    this.#watches.add(watch);
  }

  /** What an operator writes, past all faults. */
  write(write: StoreWrite): WriteOutcome {
    return this.state.write(write, null);
  }

  /** An operator ends a lease; its keys go with it. */
  revoke(id: LeaseId): void {
    this.state.revoke(id);
  }

  /**
   * Every member starts again from an older state, as another cluster: revisions and terms go back. Whoever calls it has
   * stopped the members, as restoring an etcd needs it, and starts them afterwards.
   */
  restore(backup: StoreBackup): void {
    this.#incarnation += 1;
    this.#restoredAt = backup.keys.revision;
    this.#held = [];
    this.#parked = [];
    this.leadership.forgetTerms();
    this.state.restore(backup);
  }

  submit<Answer>(call: StoreCall<Answer>): void {
    if (this.#chance('lost requests', this.troubles.requestLoss)) return;
    const path = { from: call.from, to: call.endpoint.place };
    this.#travel({ path, member: call.endpoint, label: 'store request', arrives: () => this.#atHost(call) });
  }

  /** How long one message takes. */
  latency(): number {
    return drawSpan(this.#latencies, this.#settings.network);
  }

  #atHost<Answer>(call: StoreCall<Answer>): void {
    const { endpoint } = call;
    switch (this.leadership.stateOf(endpoint)) {
      case 'stopped':
        this.#answer(call, call.unreachable('connection refused'));
        return;
      case 'silent':
        // A process that stands still finds what was sent to it when it goes on.
        this.#hold({
          ready: () => this.leadership.isUp(endpoint),
          member: endpoint,
          run: () => this.#atMember(call),
        });
        return;
      case 'up':
        this.#atMember(call);
    }
  }

  #atMember<Answer>(call: StoreCall<Answer>): void {
    const { leadership, troubles } = this;
    if (troubles.refusing !== null) {
      this.#answer(call, call.refuse(troubles.refusing));
      return;
    }
    if (leadership.reachesLeader(call.endpoint)) {
      this.#commit(call);
      return;
    }
    if (leadership.believesToLead(call.endpoint)) {
      if (call.asDeposed !== undefined) this.#answer(call, call.asDeposed(leadership.termOf(call.endpoint)));
      else if (this.#chance('parked requests', SURVIVES_ELECTION)) this.#holdUntilDeposed(call);
      return;
    }
    if (leadership.leaderlessFor(call.endpoint) > this.#settings.electionTimeoutMs) {
      this.#answer(call, call.unreachable('the member knows no leader'));
      return;
    }
    // Some proposals survive the gap between two leaders and are committed long after their sender gave up.
    const survives = leadership.leader === null && this.#chance('parked requests', SURVIVES_ELECTION);
    if (survives && this.#parked.length < HELD_MAX) this.#parked.push(() => this.#atMember(call));
  }

  #commit<Answer>(call: StoreCall<Answer>): void {
    const begunIn = this.leadership.termOf(call.endpoint);
    const commitMs = drawSpan(this.#commits, this.#settings.storeCommit) + this.troubles.extraCommitMs;
    this.#later(commitMs, 'store commit', () => {
      if (!this.leadership.reachesLeader(call.endpoint)) return;
      const isOverrun = begunIn !== this.leadership.termOf(call.endpoint);
      if (isOverrun && !this.#chance('parked requests', SURVIVES_ELECTION)) return;
      if (call.mustWait?.() === true) this.#later(WAIT_MS, 'store waits', () => this.#atMember(call));
      else this.#answer(call, this.#carryOut(call));
    });
  }

  #carryOut<Answer>(call: StoreCall<Answer>): Answer {
    const { fullSince } = this.troubles;
    if (fullSince === null || call.withoutSpace === undefined) return call.commit();
    const wasUnderWay = this.#kernel.now < fullSince + FILLING_MS;
    if (wasUnderWay && this.#chance('done without space', IS_DONE_ALL_THE_SAME)) call.commit();
    return call.withoutSpace();
  }

  #answer<Answer>(call: StoreCall<Answer>, answer: Answer): void {
    if (this.#chance('lost replies', this.troubles.replyLoss)) return;
    const { endpoint } = call;
    const header = { incarnation: this.#incarnation, term: this.leadership.termOf(endpoint) };
    const path = { from: endpoint.place, to: call.from };
    const travel = {
      path,
      member: endpoint,
      label: 'store reply',
      arrives: () => {
        if (this.#network.delivers(path.from, path.to)) call.reply(answer, header);
      },
    };
    if (this.troubles.extraReplyMs === 0) this.#travel(travel);
    else this.#later(this.troubles.extraReplyMs, 'slow store reply', () => this.#travel(travel));
  }

  /** Over a path that is cut, a message is either lost or sent again and again until it is through. */
  #travel(message: Message): void {
    const { path, member, label, arrives } = message;
    if (this.#network.delivers(path.from, path.to)) {
      this.#later(this.latency(), label, arrives);
      return;
    }
    if (!this.#chance('repeated messages', IS_REPEATED)) return;
    const isOpen = (): boolean => this.#network.delivers(path.from, path.to);
    this.#hold({ ready: isOpen, member, run: () => this.#later(this.latency(), label, arrives) });
  }

  /** What needs consensus may still be waiting when the member learns who leads now. */
  #holdUntilDeposed<Answer>(call: StoreCall<Answer>): void {
    const { endpoint } = call;
    const ready = (): boolean => !this.leadership.believesToLead(endpoint);
    this.#hold({ ready, member: endpoint, run: () => this.#atMember(call) });
  }

  #hold(held: Omit<Held, 'life'>): void {
    if (this.#held.length < HELD_MAX) this.#held.push({ ...held, life: this.leadership.lifeOf(held.member) });
  }

  #pathsChanged(): void {
    const held = this.#held;
    this.#held = [];
    for (const each of held) {
      if (each.life !== this.leadership.lifeOf(each.member)) continue;
      if (each.ready()) each.run();
      else this.#held.push(each);
    }
    this.#tellWatches();
  }

  #elected(): void {
    this.state.leases.extendAll(this.#kernel.now, this.#settings.electionTimeoutMs);
    const parked = this.#parked;
    this.#parked = [];
    for (const run of parked) this.#later(this.latency(), 'parked store request', run);
  }

  #tellWatches(): void {
    for (const watch of present(this.#watches)) watch.changed();
  }

  #chance(purpose: string, probability: number): boolean {
    return probability > 0 && this.#kernel.random(purpose).chance(probability);
  }

  #later(delay: number, label: string, run: () => void): void {
    this.#kernel.after(delay, null, label, run);
  }
}

/** Those that are not over; the others are forgotten. */
function present<End extends { readonly isOver: () => boolean }>(ends: Set<End>): readonly End[] {
  const those: End[] = [];
  for (const end of ends) {
    if (end.isOver()) ends.delete(end);
    else those.push(end);
  }
  return those;
}

type Message = {
  readonly path: Path;
  readonly member: StoreMember;
  readonly label: string;
  readonly arrives: () => void;
};

/** It waits at one life of a member. */
type Held = {
  readonly ready: () => boolean;
  readonly member: StoreMember;
  readonly life: number;
  readonly run: () => void;
};

/** A keep-alive of a lease that has run out waits until the lease is revoked, or extended by a new leader. */
const WAIT_MS = 20;
const SURVIVES_ELECTION = 0.3;
const IS_REPEATED = 0.5;
/** What comes so soon after the last space was taken counts as under way. */
const FILLING_MS = 500;
const IS_DONE_ALL_THE_SAME = 0.5;
const HELD_MAX = 100;
