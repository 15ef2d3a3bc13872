import type { LeaseId } from '../../domain/names.ts';
import { storeKey } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';
import type { Place } from '../world/network.ts';

/**
 * Until when each node holds the lock in truth: the last instant at which a keep-alive was sent that the store's leader
 * really granted, for the lease that the lock lies on, or lay on last, plus the time granted (docs/faults.md). A reply that never came
 * counts for the node, and one that a deposed leader gave does not. In failsafe mode the word of all listed members is as
 * good as a lease; the only member of its list needs nobody's.
 */
export class LeaseTruth {
  static readonly hears = ['lease-extended', 'stored', 'failsafe-agreed'] as const;
  readonly #deadlines = new Map<Place, number>();
  readonly #extended = new Map<LeaseId, { readonly sentAt: number; readonly ttl: number }>();
  /** Until when each member has left the lead to a node. */
  readonly #agreed = new Map<Place, Map<Place, number>>();
  #mustAgree: readonly Place[] | null = null;
  /** What the store's list says at this moment, perhaps out of a backup. */
  #listed: readonly Place[] | null = null;
  #lockLease: LeaseId | null = null;
  #holder: Place | null = null;
  #everLocked = false;

  /** The node that the lock names at this moment. */
  get holder(): Place | null {
    return this.#holder;
  }

  get everLocked(): boolean {
    return this.#everLocked;
  }

  /** `null`: this node never had the lock. */
  deadlineOf(host: Place): number | null {
    const isAlone = this.#mustAgree?.length === 1 && this.#mustAgree[0] === host;
    const deadline = this.#deadlines.get(host) ?? null;
    return deadline !== null && isAlone ? Infinity : deadline;
  }

  /** The members whose word for this node still holds. */
  whoLeavesItTo(host: Place, now: number): ReadonlySet<Place> {
    const words = [...(this.#agreed.get(host) ?? [])];
    return new Set(words.filter(([, until]) => until > now).map(([by]) => by));
  }

  see(fact: Fact, now: number): void {
    if (fact.kind === 'lease-extended') {
      // One that was given up may arrive after the next.
      if (fact.sentAt >= (this.#extended.get(fact.lease)?.sentAt ?? 0)) this.#extended.set(fact.lease, fact);
      if (fact.lease === this.#lockLease) this.#extend(fact.by, fact.lease);
    }
    if (fact.kind === 'failsafe-agreed') this.#agrees(fact);
    if (fact.kind === 'stored' && fact.key === FAILSAFE) {
      this.#listed = namesIn(fact.value);
      // One that came back with a backup is not what the leader asks by, until it writes it again (docs/faults.md).
      if (fact.by !== null) this.#lists(this.#listed, now);
    }
    if (fact.kind !== 'stored' || fact.key !== LEADER) return;
    const isTaken = fact.value !== null && fact.by === fact.value;
    // But whoever leads after it has seen no other.
    const isOfBackup = this.#listed !== this.#mustAgree;
    if (isTaken && fact.value !== this.#holder && isOfBackup) this.#lists(this.#listed, now);
    // Whoever gives its lock up has no lease to write under from that moment on.
    if (fact.value === null && fact.by !== null && fact.by === fact.previous) this.#deadlines.set(fact.by, now);
    if (isTaken && fact.lease !== this.#lockLease) this.#moves(fact.value);
    this.#everLocked ||= fact.value !== null;
    this.#holder = fact.value;
    this.#lockLease = fact.lease;
    if (fact.value !== null && fact.lease !== null) this.#extend(fact.value, fact.lease);
  }

  /** Its lock hangs on another lease alone from now on, which may be a shorter one; what the members said stands. */
  #moves(host: Place): void {
    this.#deadlines.delete(host);
    this.#extendByWords(host);
  }

  /** The only one of its list was right to go on until now, and for as long as it took this for granted. */
  #lists(names: readonly Place[] | null, now: number): void {
    const alone = this.#mustAgree?.length === 1 ? this.#mustAgree[0] : undefined;
    const last = this.#lockLease === null ? undefined : this.#extended.get(this.#lockLease);
    if (alone !== undefined && this.#deadlines.has(alone) && last !== undefined)
      this.#deadlines.set(alone, Math.max(this.#deadlines.get(alone) ?? 0, now + last.ttl));
    this.#mustAgree = names;
    // What the others have said is enough, once whoever was silent is off the list.
    for (const host of this.#agreed.keys()) this.#extendByWords(host);
  }

  /** All whom the store lists have to, each for as long as it said. */
  #agrees({ host, by, sentAt, ttl }: Extract<Fact, { readonly kind: 'failsafe-agreed' }>): void {
    const words = this.#agreed.get(host) ?? new Map<Place, number>();
    this.#agreed.set(host, words.set(by, sentAt + ttl));
    this.#extendByWords(host);
  }

  #extendByWords(host: Place): void {
    const words = this.#agreed.get(host);
    const others = this.#mustAgree?.filter((each) => each !== host) ?? [];
    const until = Math.min(...others.map((each) => words?.get(each) ?? 0));
    if (others.length > 0) this.#deadlines.set(host, Math.max(this.#deadlines.get(host) ?? 0, until));
  }

  #extend(host: Place, lease: LeaseId): void {
    const last = this.#extended.get(lease);
    if (last === undefined) return;
    this.#deadlines.set(host, Math.max(this.#deadlines.get(host) ?? 0, last.sentAt + last.ttl));
  }
}

/** Whom a failsafe list names. */
export function namesIn(value: string | null): readonly Place[] | null {
  if (value === null) return null;
  const listed: unknown = JSON.parse(value);
  return typeof listed === 'object' && listed !== null ? Object.keys(listed) : null;
}

const LEADER = storeKey('leader');
const FAILSAFE = storeKey('failsafe');
