import type { RivalEnd, WalEnd } from '../world/facts.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { ClientWrites } from './client-writes.ts';
import { END_OF_RECOVERY_BYTES } from './directory.ts';
import type { DiskSpace } from './disk-space.ts';
import type { Ending } from './ending.ts';
import type { Instance } from './instance.ts';
import type { Roles } from './roles.ts';
import type { StandbyReplay } from './standby-replay.ts';
import type { StandingStill } from './standing-still.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';
import { nextBranch } from './wal-branch.ts';

/** How a standby goes on as a primary, on a timeline of its own. */
export class Promotion {
  readonly #parts: PromotionParts;

  constructor(parts: PromotionParts) {
    this.#parts = parts;
  }

  /** pg_promote: takes a moment. Nothing happens unless it is a standby that accepts connections. */
  begin(): void {
    const { at, instance, writes, replay, standing, others } = this.#parts;
    if (instance.server.kind !== 'standby' || standing.holdsBack('promote', () => this.begin())) return;
    const rivals = others().flatMap((other) => other.standbyEnd() ?? []);
    const { branch } = instance;
    if (branch !== null) at.emit({ kind: 'promoting', host: at.host, branch, position: writes.position, rivals });
    // A promotion ends a pause; what was received is replayed first.
    replay.resume();
    const replays = replay.catchesUpIn();
    at.later(replays + at.draw('promote', at.settings.promote), 'promoted', () => this.#end());
  }

  #end(): void {
    const { at, instance, link, writes, replay, disk, roles, checkpoints, ending, others } = this.#parts;
    if (instance.server.kind !== 'standby' || instance.files === null || instance.isQuitting) return;
    if (disk.isFull) {
      ending.killEverything();
      return;
    }
    link.stop();
    writes.settle();
    // Nothing of the new branch comes over the old one's connections.
    instance.newLife();
    replay.restart();
    const { branch: before, position } = instance.files;
    const branch = nextBranch(before, { position, madeBy: at.host });
    const end = position + END_OF_RECOVERY_BYTES;
    instance.write({ branch, position: end });
    roles.becomePrimary({ minRecoveryEnd: end });
    const ends = [writes.acknowledgedEnd, ...others().map((other) => other.acknowledgedEnd)];
    at.emit({ kind: 'promoted', host: at.host, branch, acknowledged: ends.flatMap((each) => each ?? []) });
    checkpoints.comesAfterPromotion();
  }
}

/** Another server: what a promotion may lose of it is what checkers judge by. */
export type Rival = {
  readonly acknowledgedEnd: WalEnd | null;
  standbyEnd(): RivalEnd | null;
};

type PromotionParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
  readonly replay: StandbyReplay;
  readonly disk: DiskSpace;
  readonly roles: Roles;
  readonly checkpoints: Checkpoints;
  readonly ending: Ending;
  readonly standing: StandingStill;
  readonly others: () => readonly Rival[];
};
