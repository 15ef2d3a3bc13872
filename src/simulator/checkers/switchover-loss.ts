import { storeKey } from '../../domain/names.ts';
import type { FilesState } from '../world/facts.ts';
import { EPOCH } from '../world/host-clock.ts';
import type { Place } from '../world/network.ts';
import { saysStandbyCluster } from '../world/remote-place.ts';
import type { Checker } from './checker.ts';
import { Disturbances } from './disturbances.ts';

/**
 * A planned switchover loses nothing (docs/faults.md, "What may be lost"; spec/ha.md S19): the lock is released only
 * after the shutdown checkpoint, and whoever is promoted next has all WAL before it; the record itself holds no write of
 * a client. Excused when anything else goes wrong meanwhile, and where something that had gone wrong before still lasts
 * with the store, the old leader or the winner: the rest is waited for only for a while. A cluster that is made to follow
 * another one gives up what it wrote.
 */
export function switchoverLosesNothing(): Checker {
  const stopped = new Map<Place, FilesState>();
  let request: string | null = null;
  let isClockSet = false;
  let follows = false;
  let handedOver: { readonly by: Place; readonly files: FilesState; readonly at: number } | null = null;
  const disturbances = new Disturbances();
  /** Who was promoted last: the lock of anybody before is one that a backup of the store gave back. */
  let newest: Place | null = null;
  return {
    name: 'switchover-loses-nothing',
    hears: ['promoted', 'server', 'stored', ...Disturbances.hears],
    see: (fact, now) => {
      disturbances.see(fact, now);
      if (fact.kind === 'server') {
        if (fact.state === 'down' && fact.files !== null) stopped.set(fact.host, fact.files);
        else stopped.delete(fact.host);
      }
      if (fact.kind === 'stored' && fact.key === FAILOVER) request = fact.value;
      if (fact.kind === 'stored' && fact.key === CONFIG) follows = saysStandbyCluster(fact.value);
      if (fact.kind === 'fault' && fact.fault.kind === 'step-wall-clock') isClockSet = true;
      if (fact.kind === 'stored' && fact.key === LEADER && fact.value === null && fact.by !== null) {
        const files = stopped.get(fact.by);
        // Whoever releases with a server that runs is another checker's.
        const isDue = request !== null && isDueSwitchover(request, fact.by, isClockSet ? null : EPOCH + now);
        // Whoever is half rewound has followed another leader since it led: only a backup of the store gave it the lock again.
        const isHandOver = files?.control === 'shut down' && !files.isHalfRewound;
        const led = newest === null || newest === fact.by;
        if (isDue && isHandOver && led) handedOver = { by: fact.by, files, at: now };
      }
      if (fact.kind === 'fault' || follows) handedOver = null;
      if (fact.kind === 'promoted') newest = fact.host;
      if (fact.kind !== 'promoted' || handedOver === null) return null;
      const { by, files, at } = handedOver;
      handedOver = null;
      const { host, branch } = fact;
      const lasted = disturbances.since(at).some((each) => [null, by, host].includes(each.host));
      if (lasted) return null;
      if (branch.parent !== files.branch) return `${by} handed over, and ${host} was promoted on another branch`;
      if (branch.forkedAt >= files.checkpointAt) return null;
      return `${by} handed over at ${files.checkpointAt}, and ${host} was promoted at ${branch.forkedAt}`;
    },
  };
}

/**
 * A switchover names the leader that it leads away from; a manual failover does not, and may lose. Until a scheduled one
 * is due, whoever hands over does it for another reason; and so does who has won by it. `wallNow` null: nobody knows what
 * the members' clocks say.
 */
function isDueSwitchover(value: string, by: Place, wallNow: number | null): boolean {
  const [, leader] = /"leader":\s*"([^"]+)"/.exec(value) ?? [];
  const [, at] = /"scheduled_at":\s*"([^"]+)"/.exec(value) ?? [];
  if (leader !== by) return false;
  return at === undefined || (wallNow !== null && Date.parse(at) <= wallNow);
}

const FAILOVER = storeKey('failover');
const CONFIG = storeKey('config');
const LEADER = storeKey('leader');
