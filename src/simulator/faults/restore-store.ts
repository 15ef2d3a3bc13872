import { storeKey } from '../../domain/names.ts';
import { namesIn } from '../checkers/lease-truth.ts';
import type { StoreBackup } from '../store/store-state.ts';
import type { Scene } from './scene.ts';

/**
 * A backup is taken now, and put back after `span`. What a store has forgotten nobody can fence by: an operator who restores
 * one leaves it stopped until every lease that it has granted is over (docs/faults.md). A backup from before there was a
 * cluster is none, and one whose failsafe list is not that by which a primary goes on is left alone.
 */
export function restoreStore(scene: Scene, span: number): void {
  const { store, kernel } = scene.world;
  if ((store.keys.get(storeKey('initialize'))?.value ?? '') === '') return;
  const backup = store.state.backup();
  const due = kernel.now + span;
  scene.endsAfter(span, () => {
    // All faults ended before it came to that.
    if (kernel.now < due) return;
    const { leadership } = store;
    for (const member of leadership.members) leadership.stop(member);
    const longestLease = Math.max(0, ...store.state.leases.all().map((lease) => lease.ttlMs));
    kernel.after(longestLease + DRIFT_MS, null, 'store is restored', () => {
      const unfit = whyUnfit(scene, backup);
      if (unfit === null) store.restore(backup);
      else kernel.note('operator', () => `restores no backup ${unfit}`);
      for (const member of leadership.members) leadership.restart(member);
    });
  });
}

/**
 * A primary goes on by the members' word, and the failsafe list of the backup names one that has not given it, or leaves one
 * out that has: not covered (docs/faults.md; seeds 30040966, 37013802). Nothing binds the first. Its agent, if it was
 * restarted meanwhile and reaches nobody, cannot tell that list from the one by which it would have been asked, and waits
 * one `ttl` for a word that nobody wanted of it. The second is not asked any more by a primary whose agent was restarted.
 * The store has been away for longer than a word holds, so whoever was asked is whoever has given one that holds now.
 */
function whyUnfit({ world, truth }: Scene, backup: StoreBackup): string | null {
  const { now } = world.kernel;
  const stored = backup.keys.pairs.find(({ key }) => key === storeKey('failsafe'))?.value ?? null;
  const listed = namesIn(stored);
  if (listed === null) return null;
  const goingOn = world.nodes.filter(({ isOn, postgres, place }) => {
    return isOn && postgres.server.kind !== 'standby' && (truth.deadlineOf(place) ?? 0) > now;
  });
  for (const { place } of goingOn) {
    const asked = truth.whoLeavesItTo(place, now);
    const unasked = listed.find((name) => name !== place && !asked.has(name));
    if (unasked !== undefined) return `that lists ${unasked}, who was not asked`;
    const unlisted = [...asked].find((name) => !listed.includes(name));
    if (unlisted !== undefined) return `that does not list ${unlisted}, who was asked`;
  }
  return null;
}

/** A machine whose clock is slow ends its lease that much later. */
const DRIFT_MS = 500;
