import type { ClientWrites } from './client-writes.ts';
import type { Ending } from './ending.ts';
import type { Instance } from './instance.ts';
import type { Standstill } from './standstill.ts';
import type { Surroundings } from './surroundings.ts';
import type { UpstreamLink } from './upstream-link.ts';

/** Since when the processes neither go on nor end, and what waits until they do. */
export class StandingStill {
  readonly #parts: StandingStillParts;
  /** Sent to a postmaster that stands still. */
  readonly #heldSignals: (() => void)[] = [];
  #silentSince = 0;

  constructor(parts: StandingStillParts) {
    this.#parts = parts;
  }

  /** `null`: they go on, or are not there. */
  get silentSince(): number | null {
    const { server, standstills } = this.#parts.instance;
    const isThere = server.kind !== 'down' && server.kind !== 'orphaned';
    return isThere && standstills.any ? this.#silentSince : null;
  }

  /** Nobody is answered, and no connection breaks. */
  freeze(why: Standstill): void {
    const { at, instance, link, writes } = this.#parts;
    const { standstills } = instance;
    if (why === 'stopped' && instance.server.kind === 'down') return;
    const stoodStill = standstills.any;
    standstills.begin(why);
    if (stoodStill || at.actor.state !== 'running') return;
    writes.settle();
    link.standsStill();
    at.actor.freeze();
    const since = at.kernel.now;
    this.#silentSince = since;
    at.kernel.after(SENDER_TIMEOUT_MS, null, 'walsender timeout', () => {
      if (this.silentSince === since) link.receiverEnds();
    });
    if (writes.areOn) at.emit({ kind: 'falls-quiet', host: at.host });
    instance.fallSilentToFollowers();
  }

  thaw(why: Standstill): void {
    const { at, instance, link, writes, ending } = this.#parts;
    const { standstills } = instance;
    if (!standstills.end(why) || standstills.any || at.actor.state !== 'frozen') return;
    writes.skipStandstill();
    // A process that was killed while it waited ends before it does anything else.
    if (ending.isDoomed) {
      ending.killEverything();
      return;
    }
    at.kernel.thaw(at.actor);
    link.goesOn();
    instance.goOnToFollowers();
    for (const deliver of this.#heldSignals.splice(0)) deliver();
    const { branch } = instance;
    if (writes.areOn && branch !== null) {
      at.emit({ kind: 'acknowledges', host: at.host, branch, afterStandstill: true });
    }
    instance.notify();
  }

  /** A signal, or a question over a connection, waits for a process that stands still. @returns whether it does. */
  holdsBack(label: string, run: () => void): boolean {
    const { at, instance } = this.#parts;
    if (!instance.standstills.any) return false;
    const pid = this.#postmasterPid();
    this.#heldSignals.push(() => {
      // Not before what it was at, and not in another life of its backends only: a signal is the postmaster's.
      at.kernel.after(0, null, label, () => {
        if (this.#postmasterPid() === pid) run();
      });
    });
    return true;
  }

  #postmasterPid(): number | null {
    const { server } = this.#parts.instance;
    return 'pid' in server ? server.pid : null;
  }
}

type StandingStillParts = {
  readonly at: Surroundings;
  readonly instance: Instance;
  readonly link: UpstreamLink;
  readonly writes: ClientWrites;
  readonly ending: Ending;
};

/** PostgreSQL's default `wal_sender_timeout`: whoever is not heard of for so long finds its connection ended. */
const SENDER_TIMEOUT_MS = 60_000;
