import type { MemberName } from '../../domain/names.ts';
import { memberName, storeKey } from '../../domain/names.ts';
import { mayEverLead } from '../../domain/tags.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { Machines } from '../node/machines.ts';
import { PeerNetwork } from '../node/peer-network.ts';
import { SimNode } from '../node/sim-node.ts';
import { isRemains } from '../postgres/directory.ts';
import { relation, type WalBranch } from '../postgres/wal-branch.ts';
import { stillHas } from '../postgres/wal-retention.ts';
import { ClusterViews } from '../store/cluster-views.ts';
import type { StoreMember } from '../store/leadership.ts';
import { StoreModel } from '../store/store-model.ts';
import type { Fact } from './facts.ts';
import { Network, type Place, placeOf } from './network.ts';
import { REMOTE } from './remote-place.ts';
import { followsRemote, RemotePrimary } from './remote-primary.ts';
import type { Settings } from './settings.ts';
import { startConsumers } from './slot-consumers.ts';

/** Everything that exists in one run: the network, the store, the nodes; and who hears what really happens. */
export class World {
  readonly kernel: Kernel;
  readonly settings: Settings;
  readonly network = new Network();
  readonly store: StoreModel;
  readonly nodes: readonly SimNode[];
  /** The other cluster's, which a standby cluster follows. */
  readonly remote: RemotePrimary;
  readonly #listeners: Listener[] = [];
  /** Of each kind of fact, as far as one has happened: who hears it. */
  readonly #hearing = new Map<Fact['kind'], readonly Listener[]>();
  #lastPromoted: WalBranch | null = null;

  constructor(options: {
    readonly seed: number;
    readonly settings: Settings;
    readonly machines: Machines;
    readonly transcript: 'lines' | 'hash-only';
  }) {
    const { settings, machines } = options;
    this.settings = settings;
    this.kernel = new Kernel(options);
    const emit = (fact: Fact): void => this.emit(fact);
    const common = { kernel: this.kernel, network: this.network, settings, emit };
    const places = Array.from({ length: settings.nodes }, (_, index) => placeOf(index));
    this.store = new StoreModel({ ...common, members: storeMembers(settings, places) });
    const peers = new PeerNetwork(common);
    const views = new ClusterViews();
    const servers = once(() => this.nodes.map((node) => node.postgres));
    this.remote = new RemotePrimary({ ...common, servers });
    this.nodes = places.map(
      (place, index) =>
        new SimNode({
          ...common,
          place,
          clockOffset: (index + 1) * CLOCK_OFFSET_MS,
          store: this.store,
          machines,
          peers,
          views,
          resolve: (upstream) => this.node(upstream.host)?.postgres ?? this.remote.serverAt(upstream.host),
          otherServers: once(() => servers().filter((server) => server.host !== place)),
        }),
    );
  }

  /**
   * Facts are heard in the order of listening, at the instant at which they become true.
   * @param hears these and no others: some come many times a second. Absent: all of them.
   */
  listen(see: (fact: Fact) => void, hears?: readonly Fact['kind'][]): void {
    this.#listeners.push({ see, hears: hears ?? null });
    this.#hearing.clear();
  }

  emit(fact: Fact): void {
    if (fact.kind === 'promoted') this.#lastPromoted = fact.branch;
    for (const { see } of this.#hearing.get(fact.kind) ?? this.#whoHears(fact.kind)) see(fact);
    const isKeyWritten = fact.kind === 'stored' && fact.key === SYNC && fact.by !== null;
    if (isKeyWritten || fact.kind === 'copied') this.emit(this.#whoHasWhat());
  }

  #whoHears(kind: Fact['kind']): readonly Listener[] {
    const hearing = this.#listeners.filter(({ hears }) => hears === null || hears.includes(kind));
    this.#hearing.set(kind, hearing);
    return hearing;
  }

  #whoHasWhat(): Fact {
    const servers = this.nodes.map(({ postgres }) => postgres);
    return {
      kind: 'electors-change',
      acknowledged: servers.flatMap(({ acknowledges, acknowledgedEnd: end, branch }) =>
        acknowledges && end !== null && end.branch === branch ? [end] : [],
      ),
      flushed: servers.flatMap(({ host, branch, position }) => (branch === null ? [] : { host, branch, position })),
      withoutData: servers.flatMap(({ host, files }) => (files === null ? host : [])),
    };
  }

  /** What was led on last: of two branches of one number it is the later one. `null`: nobody was promoted yet. */
  get lastPromoted(): WalBranch | null {
    return this.#lastPromoted;
  }

  node(place: Place): SimNode | null {
    return this.nodes.find((node) => node.place === place) ?? null;
  }

  /** Power on everywhere, one agent shortly after the other. */
  start(): void {
    if (this.settings.standbyCluster) this.remote.begin();
    const stream = this.kernel.random('power on');
    for (const node of this.nodes) {
      this.kernel.after(stream.between(0, 500), null, 'power on', () => node.startAgent());
    }
    startConsumers(this);
  }

  /** Who holds the lock in the store, whatever anybody believes. */
  lockHolder(): MemberName | null {
    const value = this.store.keys.get(LEADER_KEY)?.value ?? '';
    return value === '' ? null : memberName(value);
  }

  /** The node that holds the lock and accepts writes. */
  leader(): SimNode | null {
    const holder = this.lockHolder();
    const node = holder === null ? null : this.node(holder);
    return node?.postgres.acknowledges === true ? node : null;
  }

  /**
   * A leader that accepts writes, and its WAL reaches every other node that has power. What is a person's
   * to remove (spec/ha.md I1, I3) is not waited for.
   */
  isHealthy(): boolean {
    if (followsRemote(this)) return this.#isHealthyStandbyCluster();
    const leader = this.leader();
    if (leader === null) return this.#isTheNextLeadersNameLeftToAPerson();
    return this.nodes.every((node) => {
      if (node === leader || !node.isOn || this.#isLeftToAPerson(node, leader)) return true;
      return node.postgres.server.kind === 'standby' && this.#receivesFrom(leader, node);
    });
  }

  /** Whoever has the lock streams from the other cluster's primary, and all others that have power stream from it. */
  #isHealthyStandbyCluster(): boolean {
    const holder = this.lockHolder();
    const leader = holder === null ? null : this.node(holder);
    if (leader === null || !leader.postgres.link.isFlowing) return false;
    const remote = this.remote.serverAt(REMOTE);
    if (leader.postgres.link.upstream !== remote) return false;
    return this.nodes.every((node) => {
      const { isOn, postgres } = node;
      if (node === leader || !isOn) return true;
      // Whoever has more than its leader goes on from the remote until that has caught up.
      const goesOn = postgres.link.upstream === remote && postgres.link.isFlowing;
      const isAhead = goesOn && postgres.position > leader.postgres.position;
      return postgres.server.kind === 'standby' && (isAhead || this.#receivesFrom(leader, node));
    });
  }

  /** The newest timeline is on members only that are tagged to never lead: whoever took over would lose it. */
  #isTheNextLeadersNameLeftToAPerson(): boolean {
    if (this.lockHolder() !== null) return false;
    const newest = (may: boolean): number => {
      const nodes = this.nodes.filter(({ place }) => mayEverLead(this.settings.tags[place] ?? {}) === may);
      return Math.max(0, ...nodes.map(({ postgres }) => postgres.branch?.timeline ?? 0));
    };
    return newest(false) > newest(true);
  }

  /** Directly, or through other standbys; those that stream from each other in a ring receive nothing. */
  #receivesFrom(leader: SimNode, node: SimNode): boolean {
    let at: SimNode | null = node;
    for (let hop = 0; at !== null && hop < this.nodes.length; hop += 1) {
      const { link } = at.postgres;
      if (!link.isFlowing || link.upstream === null) return false;
      if (link.upstream === leader.postgres) return true;
      at = this.node(link.upstream.host);
    }
    return false;
  }

  /**
   * Remains of an interrupted copy; a cluster that was founded and given up before anybody heard of it; and where no
   * setting allows to remove data, a cluster that parted from the leader's, was left half rewound, or needs WAL that
   * the leader has removed, or that only its source had before that was rewound itself. One that needs WAL which was
   * removed before it accepts anybody cannot even be asked how far it is.
   */
  #isLeftToAPerson(node: SimNode, leader: SimNode): boolean {
    const { directory } = node.postgres;
    const { branch, files } = leader.postgres;
    if (isRemains(directory)) return !node.agent.isWorking;
    if (directory.kind !== 'cluster') return false;
    if (directory.systemId !== files?.systemId) return true;
    const isStarved = !stillHas(files.walFrom, directory.position);
    const isIncomplete = (directory.minRecoveryEnd ?? 0) > directory.position;
    const needs = { branch: directory.branch, position: directory.minRecoveryEnd ?? 0 };
    const isBeyond = branch !== null && relation(needs, branch) === 'diverged';
    const isStarting = isIncomplete && node.postgres.server.kind === 'starting';
    if (isStarved && isStarting) return true;
    if (this.settings.removeDataOnDivergence || node.agent.isWorking || branch === null) return false;
    if (isBeyond && isIncomplete && node.postgres.server.kind !== 'standby') return true;
    return isStarved || directory.damaged || directory.isHalfRewound || relation(directory, branch) === 'diverged';
  }
}

type Listener = { readonly see: (fact: Fact) => void; readonly hears: readonly Fact['kind'][] | null };

/** Nodes know of each other only when all of them are made; then they stay. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function storeMembers(settings: Settings, places: readonly Place[]): readonly StoreMember[] {
  return Array.from({ length: STORE_MEMBERS }, (_, index) => {
    const name = `store-${index + 1}`;
    const shared = settings.storeMembers === 'with-postgres' ? places[index] : undefined;
    return { name, place: shared ?? name };
  });
}

const STORE_MEMBERS = 3;
const CLOCK_OFFSET_MS = 1_000_000;
const LEADER_KEY = storeKey('leader');

const SYNC = storeKey('sync');
