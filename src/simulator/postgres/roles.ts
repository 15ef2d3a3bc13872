import type { Place } from '../world/network.ts';
import type { Span } from '../world/settings.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { ClientWrites } from './client-writes.ts';
import type { Configuration } from './configuration.ts';
import type { ClusterFiles } from './directory.ts';
import type { DiskSpace } from './disk-space.ts';
import type { Ending } from './ending.ts';
import type { Instance } from './instance.ts';
import type { StandbyReplay } from './standby-replay.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';
import { reached, relation, type WalBranch } from './wal-branch.ts';

/** When a server that recovers is a primary or a standby, and begins to accept connections. */
export class Roles {
  readonly #parts: RoleParts;

  constructor(parts: RoleParts) {
    this.#parts = parts;
  }

  /** What a server that starts will be, once it has recovered for so long. */
  afterRecovery(wait: number, role: 'primary' | 'standby'): void {
    const { at, instance, disk, ending } = this.#parts;
    at.later(wait, 'recovered', () => {
      if (instance.server.kind !== 'starting') return;
      // Recovery ends with a checkpoint, and without one everything ends.
      if (disk.isFull) ending.killEverything();
      else if (role === 'standby') this.#becomeStandby();
      else this.becomePrimary({ minRecoveryEnd: null });
    });
  }

  /** A promotion leaves its mark in the control file until the first checkpoint. */
  becomePrimary({ minRecoveryEnd }: { readonly minRecoveryEnd: number | null }): void {
    const { instance, checkpoints, writes } = this.#parts;
    const { files } = instance;
    if (files === null) return;
    instance.write({ state: 'in production', signal: 'none', minRecoveryEnd, beforeBackupEnd: false });
    instance.become({ kind: 'primary', ...instance.postmaster });
    instance.newLife();
    checkpoints.comeWithTime();
    writes.begin(files);
    instance.changed('is primary');
  }

  #becomeStandby(): void {
    const { instance, link, configuration, replay } = this.#parts;
    const { files } = instance;
    if (files === null) return;
    const crashEnd = files.state === 'in crash recovery' ? files.position : 0;
    const minRecoveryEnd = Math.max(files.minRecoveryEnd ?? 0, crashEnd, 1);
    // What a primary left ends with its last checkpoint.
    const consistentAt = files.minRecoveryEnd === null ? files.position : minRecoveryEnd;
    // Which timeline it waits for is chosen anew; what it is to come to first lies on the one of before.
    const branch = minRecoveryEnd > files.position ? files.branch : reached(files);
    instance.write({ state: 'in archive recovery', minRecoveryEnd, branch });
    replay.begin(consistentAt);
    link.follow(configuration.standby);
    this.#openWhenConsistent();
  }

  /** The receiver is connected: what the upstream's branch is, ours is. */
  streamBegan(branch: WalBranch, from: { readonly host: Place; readonly askedFor: boolean }): void {
    const { at, instance, link, replay } = this.#parts;
    const { files } = instance;
    if (files !== null && neverConsistentOn(branch, files)) {
      this.#panic(files);
      return;
    }
    if (files !== null && files.branch !== branch) {
      if (relation(files, branch) === 'diverged') {
        const { host, askedFor } = from;
        const { timeline } = branch;
        at.emit({ kind: 'follows-another-history', host: at.host, from: host, timeline, askedFor });
      }
      instance.write({ branch });
      instance.tellFollowers();
    }
    at.kernel.note(at.host, () => `streams from ${link.upstream?.host ?? '?'} on ${branch.timeline}`);
    replay.streamBegan();
    instance.notify();
    this.#consistentIn(at.draw('consistency', CONSISTENCY));
  }

  #consistentIn(delay: number): void {
    const { at, instance, link } = this.#parts;
    at.later(delay, 'consistent', () => {
      this.#openWhenConsistent();
      if (instance.server.kind === 'starting' && link.upstream !== null) this.#consistentIn(CONSISTENCY_POLL_MS);
    });
  }

  /** It is to go to another timeline before it is consistent on this one. */
  #panic({ position }: ClusterFiles): void {
    const { instance, ending } = this.#parts;
    ending.killEverything();
    instance.write({ position });
  }

  #openWhenConsistent(): void {
    const { instance, writes, checkpoints, replay } = this.#parts;
    if (instance.server.kind !== 'starting') return;
    writes.settle();
    const { files } = instance;
    if (files === null || files.signal !== 'standby' || replay.position < (files.minRecoveryEnd ?? 0)) return;
    instance.write({ beforeBackupEnd: false });
    instance.become({ kind: 'standby', ...instance.postmaster });
    checkpoints.comeWithTime();
    instance.changed('is standby');
  }
}

/** That history left this one's before the point that it has to come to, and has not. */
function neverConsistentOn(branch: WalBranch, { branch: own, position, minRecoveryEnd }: ClusterFiles): boolean {
  const needed = minRecoveryEnd ?? 0;
  return (
    branch.timeline > own.timeline &&
    position < needed &&
    relation({ branch: own, position: needed }, branch) === 'diverged'
  );
}

type RoleParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
  readonly disk: DiskSpace;
  readonly checkpoints: Checkpoints;
  readonly configuration: Configuration;
  readonly replay: StandbyReplay;
  readonly ending: Ending;
};

/** From the first WAL of a stream until the server notices that it has enough. */
const CONSISTENCY: Span = { from: 5, to: 40 };
/** Where more than that has to come first. */
const CONSISTENCY_POLL_MS = 200;
