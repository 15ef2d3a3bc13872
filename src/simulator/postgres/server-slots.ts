import type { SlotName } from '../../domain/names.ts';
import type { SlotChange } from '../../domain/slot-change.ts';
import type { TaskOutcome } from '../../domain/task.ts';
import type { ClientWrites } from './client-writes.ts';
import { type DiskSpace, NO_SPACE } from './disk-space.ts';
import type { Follower } from './follower.ts';
import type { Instance } from './instance.ts';
import { type LogicalState, type SlotOwner, Slots } from './slots.ts';
import type { StandbyReplay } from './standby-replay.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';
import { oldestKept, stillHas } from './wal-retention.ts';

/** Which slots this server has, who uses them, and how much WAL it keeps because of them. */
export class ServerSlots {
  readonly #parts: SlotParts;
  readonly #slots: Slots;
  readonly #owner: SlotOwner;

  constructor(parts: SlotParts) {
    this.#parts = parts;
    this.#owner = new Owner(parts);
    const { emit, host } = parts.at;
    this.#slots = new Slots((news) => emit({ kind: 'slot', host, news, replayed: parts.replay.position }));
  }

  /** Each, and how far it holds back WAL. */
  all(): ReturnType<Slots['all']> {
    return this.#slots.all(this.#owner);
  }

  /** It is there, and nobody streams with it: PostgreSQL lets one connection have it. */
  isFree(name: SlotName): boolean {
    return this.#slots.has(name) && this.#owner.usedAt(name) === null;
  }

  /** `null`: there is no such slot, or it is of no use: the WAL that it needs is gone. */
  logical(name: SlotName): LogicalState | null {
    const state = this.#slots.logical(name);
    const walFrom = this.#parts.instance.files?.walFrom ?? 0;
    return state === null || !stillHas(walFrom, state.confirmed) ? null : state;
  }

  change(change: SlotChange): TaskOutcome {
    const { disk, link } = this.#parts;
    if (disk.isFull && change.create.length > 0) return { kind: 'failed', reason: NO_SPACE };
    const outcome = this.#slots.change(change, this.#owner);
    const safeSlots = change.verify === null || !link.isFlowing ? [] : change.verify.names;
    const isJudged = safeSlots.length > 0 && (outcome.kind === 'done' || outcome.kind === 'failed');
    return isJudged ? { ...outcome, safeSlots } : outcome;
  }

  /** A consumer of a logical slot has got everything up to here. */
  consume(name: SlotName): void {
    const { at, instance, writes } = this.#parts;
    const { branch } = instance;
    const state = this.logical(name);
    if (state === null || !writes.areAcknowledged || branch === null) return;
    const { confirmed: from } = state;
    const to = writes.acknowledgedPosition;
    this.#slots.confirm(name, to);
    at.emit({ kind: 'slot-consumed', host: at.host, branch, name, from, to: Math.max(from, to) });
  }

  /** Their files were written; only while nothing runs. */
  put(states: readonly LogicalState[]): void {
    for (const state of states) this.#slots.put(state);
  }

  /** A follower's connection is gone; it had come so far. */
  left(name: SlotName, position: number): void {
    this.#slots.left(name, position);
  }

  dropUnused(): void {
    this.#slots.dropUnused(this.#owner);
  }

  /** Other files are in the directory. */
  clear(): void {
    this.#slots.clear();
  }

  /** As a checkpoint does: all that neither a slot nor `keepBytes` asks for. */
  removeOldWal(keepBytes: number): void {
    const { instance } = this.#parts;
    const { files } = instance;
    const slots = this.all();
    if (files === null) return;
    const { walFrom: from, position: to, checkpoint } = files;
    const walFrom = oldestKept({ from, to, checkpointAt: checkpoint.at, keepBytes, slots });
    instance.write({ walFrom });
    // Whoever is not so far yet is sent nothing more.
    instance.tellFollowers(({ position }) => !stillHas(walFrom, position));
  }
}

/** As it is at any moment. */
class Owner implements SlotOwner {
  readonly #parts: SlotParts;

  constructor(parts: SlotParts) {
    this.#parts = parts;
  }

  get isPrimary(): boolean {
    return this.#parts.instance.server.kind === 'primary';
  }

  get position(): number {
    return this.#parts.writes.position;
  }

  get replayed(): number {
    return this.#parts.replay.position;
  }

  get walFrom(): number {
    return this.#parts.instance.files?.walFrom ?? 0;
  }

  get reservesFrom(): number {
    return Math.max(this.walFrom, this.#parts.instance.files?.checkpoint.at ?? 0);
  }

  usedAt(name: SlotName): number | null {
    return this.users().usedAt(name);
  }

  users(): Pick<SlotOwner, 'usedAt'> {
    const followers = this.#parts.followers();
    const broken = this.#parts.instance.brokenConnections.all;
    return {
      usedAt: (name) => {
        const follower = followers.findLast((each) => each.link.usedSlot === name);
        if (follower !== undefined) return follower.link.lastHeard?.position ?? follower.position;
        return broken.findLast((each) => each.slot === name)?.position ?? null;
      },
    };
  }
}

type SlotParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
  readonly replay: StandbyReplay;
  readonly disk: DiskSpace;
  readonly followers: () => readonly Follower[];
};
