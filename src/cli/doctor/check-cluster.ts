import { clusterOverview, type MemberOverview } from '../../domain/cluster-overview.ts';
import type { ClusterView, Member } from '../../domain/cluster-view.ts';
import { memberOf } from '../../domain/cluster-view.ts';
import { slotNameOf } from '../../domain/names.ts';
import { mayEverLead } from '../../domain/tags.ts';
import type { Finding } from './finding.ts';

/** What the keys in the store say about who leads and who follows. `cluster`: its name, for what can be typed. */
export function checkCluster(cluster: string, view: ClusterView): readonly Finding[] {
  if (view.members.length === 0) {
    const remedy = 'is its name right (list shows it as uninitialized)? Else start an agent';
    return [finding('error', 'no member has a key in the store', remedy)];
  }
  const overview = clusterOverview(view);
  const found = [
    ...leadership(view),
    ...primariesWithoutLock(view),
    ...succession(view),
    ...gone(view),
    ...overview.members.flatMap((member) => followsWell(view, member)),
    ...overview.members.flatMap((member) => restartPending(cluster, member)),
    ...(overview.paused
      ? [finding('warning', 'it is paused: nobody takes over', `resume ${cluster}, when you are done`)]
      : []),
    ...synchronous(view, overview.members),
  ];
  return found.length === 0
    ? [finding('fine', `the keys of ${view.members.length} members say that all is well`, null)]
    : found;
}

function leadership(view: ClusterView): readonly Finding[] {
  if (view.lock === null) return [finding('error', 'nobody leads', 'why shows what each member waits for')];
  const { holder } = view.lock;
  const leader = memberOf(view, holder);
  if (leader === null) {
    return [
      finding('error', `${holder} has the lock and no key of its own`, `look at the log of the agent on ${holder}`),
    ];
  }
  if (leader.state === 'running') return [];
  return [
    finding('error', `the leader ${holder} is ${leader.state}, not running`, `why ${holder} shows what it is at`),
  ];
}

/** Clients that find it write where nobody else will have it. */
function primariesWithoutLock({ lock, members }: ClusterView): readonly Finding[] {
  return members
    .filter(({ name, role }) => role === 'primary' && name !== lock?.holder)
    .map(({ name }) => finding('error', `${name} is a primary without the lock`, `why ${name} shows what it does`));
}

function succession(view: ClusterView): readonly Finding[] {
  const others = view.members.filter((each) => each.name !== view.lock?.holder);
  if (others.length === 0)
    return [finding('warning', 'nobody could take over: there is one member', 'add another one')];
  if (others.some(({ tags }) => mayEverLead(tags))) return [];
  return [
    finding('warning', 'nobody could take over: all others are tagged nofailover', 'take the tag from one of them'),
  ];
}

/** Nothing but its slot, which is kept for a while, tells of a member whose key ended with its lease. */
function gone({ members, status }: ClusterView): readonly Finding[] {
  const here = new Set(members.map(({ name }) => slotNameOf(name)));
  const remedy = 'start it; the slot goes after member_slots_ttl, so nothing is to be done where it is gone for good';
  return status.retainSlots
    .filter((slot) => !here.has(slot))
    .map((slot) => {
      const says = `a slot is kept for ${slot}, which has no key: its agent is stopped, or cut off from the store`;
      return finding('warning', says, remedy);
    });
}

function followsWell(view: ClusterView, member: MemberOverview): readonly Finding[] {
  const { name, positions, state } = member;
  const isPrimary = memberOf(view, name)?.role === 'primary';
  if (positions === null || isPrimary) return [];
  if (state !== 'streaming' && state !== 'in archive recovery') {
    return [finding('warning', `${name} is ${state === '' ? 'without a state' : state}, not streaming`, `why ${name}`)];
  }
  const found: Finding[] = [];
  const leader = view.lock === null ? null : memberOf(view, view.lock.holder);
  const isElsewhere = leader !== null && leader.timeline !== null && member.timeline !== null;
  if (isElsewhere && leader.timeline !== member.timeline) {
    const says = `${name} is on timeline ${member.timeline}, the leader on ${leader.timeline}`;
    found.push(finding('warning', says, `why ${name} shows whether it rewinds or needs a reinit`));
  }
  const { replay } = positions;
  const limit = view.config.kind === 'valid' ? view.config.config.maximumLagOnFailoverBytes : null;
  if (replay.kind === 'known' && limit !== null && replay.lagBytes > limit) {
    const says = `${name} lags ${replay.lagBytes} bytes behind, more than maximum_lag_on_failover: it could not take over`;
    found.push(finding('warning', says, 'look at its disk, its network, and queries that hold replay up'));
  }
  return found;
}

function restartPending(cluster: string, { name, pendingRestart }: MemberOverview): readonly Finding[] {
  return pendingRestart
    ? [finding('note', `${name} waits for a restart to use new parameters`, `restart ${cluster} ${name} --pending`)]
    : [];
}

function synchronous(view: ClusterView, members: readonly MemberOverview[]): readonly Finding[] {
  const isOn = view.config.kind === 'valid' && view.config.config.synchronousMode !== 'off';
  const hasOne = members.some(({ role }) => role === 'sync_standby' || role === 'quorum_standby');
  if (!isOn || hasOne || members.length < 2) return [];
  return [
    finding(
      'warning',
      'synchronous mode is on, and nobody is synchronous',
      'do replicas stream, is one without nosync?',
    ),
  ];
}

function finding(level: Finding['level'], says: string, remedy: string | null): Finding {
  return { area: 'cluster', level, says, remedy };
}

/** An agent that cannot be asked: nobody can order it anything. */
export function silentAgent({ name, apiUrl }: Member, reason: string): Finding {
  const remedy = 'does the agent run, is the port open from here, do ctl.cacert and ctl.certfile fit it?';
  return finding('error', `the agent of ${name} does not answer at ${apiUrl ?? 'no address'}: ${reason}`, remedy);
}
