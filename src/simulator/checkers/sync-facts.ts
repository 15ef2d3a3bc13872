import { type Revision, storeKey } from '../../domain/names.ts';
import type { Fact } from '../world/facts.ts';

/** The `sync` key as it lies in the store; names in lower case. */
export type StoredSync = { readonly leader: string; readonly voters: ReadonlySet<string>; readonly quorum: number };

export type SyncWorld = {
  readonly mode: 'off' | 'on' | 'quorum';
  readonly key: StoredSync | null;
  /** The key is one of a backup, older than the names that a primary kept meanwhile: until somebody writes it. */
  readonly isKeyRestored: boolean;
  readonly holder: string | null;
  /** The request in the failover key, as text. */
  readonly request: string | null;
};

/** What the store says of synchronous replication, followed from change to change. */
export class SyncFacts {
  static readonly hears = ['stored'] as const;
  #now: SyncWorld = { mode: 'off', key: null, isKeyRestored: false, holder: null, request: null };
  /** As of when the present holder took the lock, or a backup gave it back: by all that is in that backup. */
  #atRace: SyncWorld = this.#now;
  /** The revision of the backup that gave the lock back. Its keys are told one by one, and came back at once. */
  #backup: Revision | null = null;
  #hasLed = false;

  get now(): SyncWorld {
    return this.#now;
  }

  get atRace(): SyncWorld {
    return this.#atRace;
  }

  /** Has the present holder been a primary under this very lock? For who hears `acknowledges`, too. */
  get hasLed(): boolean {
    return this.#hasLed;
  }

  see(fact: Fact): void {
    if (fact.kind === 'acknowledges' && fact.host === this.#now.holder) this.#hasLed = true;
    if (fact.kind !== 'stored') return;
    const { key, value, by, revision } = fact;
    if (key === CONFIG) this.#now = { ...this.#now, mode: modeIn(value) };
    if (key === SYNC) this.#now = { ...this.#now, key: keyIn(value), isKeyRestored: this.#isRestored(fact) };
    if (key === FAILOVER) this.#now = { ...this.#now, request: value };
    const isRestored = value !== null && by === null;
    const isNew = key === LEADER && value !== null && value !== this.#now.holder;
    if (key === LEADER) this.#now = { ...this.#now, holder: value };
    if (isNew || isRestored) this.#hasLed = false;
    if (isNew) this.#backup = isRestored ? revision : null;
    if (isNew || (isRestored && revision === this.#backup)) this.#atRace = this.#now;
  }

  /** Written once more as it is, so that nothing may come late, it is still the one of the backup. */
  #isRestored({ value, previous, by }: Extract<Fact, { readonly kind: 'stored' }>): boolean {
    return value !== null && (by === null || (this.#now.isKeyRestored && value === previous));
  }
}

/** An operator asked for this member, and named nobody whom it replaces: that may lose. */
export function isManualFailover(request: string | null, host: string): boolean {
  return request !== null && request.includes(`"${host}"`) && !request.includes('"leader"');
}

function modeIn(config: string | null): SyncWorld['mode'] {
  const [, mode] = /"synchronous_mode":\s*("?\w+"?)/.exec(config ?? '') ?? [];
  if (mode === '"quorum"') return 'quorum';
  return mode === 'true' || mode === '"on"' ? 'on' : 'off';
}

function keyIn(value: string | null): StoredSync | null {
  const [, leader] = /"leader":\s*"([^"]+)"/.exec(value ?? '') ?? [];
  if (leader === undefined) return null;
  const [, quorum] = /"quorum":\s*(\d+)/.exec(value ?? '') ?? [];
  const [, list] = /"sync_standby":\s*"([^"]*)"/.exec(value ?? '') ?? [];
  const voters = (list ?? '').split(',').filter((each) => each !== '');
  return {
    leader: leader.toLowerCase(),
    voters: new Set(voters.map((each) => each.toLowerCase())),
    quorum: Number(quorum ?? '0'),
  };
}

const CONFIG = storeKey('config');
const SYNC = storeKey('sync');
const LEADER = storeKey('leader');
const FAILOVER = storeKey('failover');
