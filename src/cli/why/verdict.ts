import { type ClusterView, isVoter, type Member, memberOf } from '../../domain/cluster-view.ts';
import { lagBytes } from '../../domain/lsn.ts';
import { memberName, slotNameOf } from '../../domain/names.ts';
import { type Heir, lagging, notAllowed, type Unfit, type UnfitReason } from '../../domain/succession.ts';
import { mayEverLead } from '../../domain/tags.ts';

/** Why a member does not lead. `reason` is for programs; the sentences are made of the rest. */
export type Verdict =
  | { readonly reason: 'leads' }
  /** Its key ended with its lease: its agent does not renew it. */
  | { readonly reason: 'no-key' }
  /** Nobody leads: what its own agent does about that. */
  | { readonly reason: 'nobody-leads'; readonly rule: string; readonly because: string | null }
  | { readonly reason: 'could-lead'; readonly heir: Heir; readonly by: Judge }
  | { readonly reason: UnfitReason; readonly heir: Heir; readonly because: string; readonly by: Judge };

/** Who says so: the leader's agent, or, where that cannot be asked, the keys in the store. */
export type Judge =
  | { readonly kind: 'leader'; readonly name: string; readonly maximumLagBytes: bigint }
  | { readonly kind: 'store'; readonly why: string; readonly maximumLagBytes: bigint | null };

export function verdictOf(heir: Heir, by: Judge): Verdict {
  const { unfit } = heir;
  return unfit === null ? { reason: 'could-lead', heir, by } : { ...unfit, heir, by };
}

/** What a member's own key says of it. Whether its agent can be reached is not in it. */
export function heirByKeys(view: ClusterView, member: Member): Heir {
  const { name, timeline, position } = member;
  const { lastLsn } = view.status;
  const lag = position === null || lastLsn === null ? null : lagBytes({ ahead: lastLsn, behind: position });
  return { name, unfit: unfitByKeys(view, member, lag), timeline, position, lagBytes: lag };
}

/** As the leader's agent would judge, as far as the keys tell. */
function unfitByKeys(view: ClusterView, member: Member, lag: bigint | null): Unfit | null {
  const config = view.config.kind === 'valid' ? view.config.config : null;
  const syncKey = config === null || config.synchronousMode === 'off' ? null : view.sync;
  if (!mayEverLead(member.tags)) return notAllowed;
  if (syncKey !== null && !isVoter(syncKey, member.name))
    return { reason: 'asynchronous', because: 'is no synchronous standby' };
  if (member.role === 'primary') return { reason: 'primary', because: 'is a primary itself' };
  if (isOnAnotherTimeline(view, member))
    return { reason: 'timeline', because: `is on timeline ${String(member.timeline)}` };
  if (member.position === null) return { reason: 'position-unknown', because: 'does not say its position' };
  return lag !== null && config !== null && lag > config.maximumLagOnFailoverBytes ? lagging(lag) : null;
}

/** What streams is where it should be, whatever its key has said of its timeline. */
function isOnAnotherTimeline(view: ClusterView, { timeline, replicationState }: Member): boolean {
  const leader = view.lock === null ? null : memberOf(view, view.lock.holder);
  const [own, wanted] = [timeline, leader?.timeline ?? null];
  return replicationState !== 'streaming' && own !== null && wanted !== null && own !== wanted;
}

/** Was there a member of this name not long ago? Its slot is kept for a while after its key is gone. */
export function wasMember(view: ClusterView, name: string): boolean {
  const slot = slotNameOf(memberName(name));
  const { slots, retainSlots } = view.status;
  return memberOf(view, memberName(name)) !== null || slots.has(slot) || retainSlots.includes(slot);
}
