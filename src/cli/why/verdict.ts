import { type ClusterView, type Member, memberOf } from '../../domain/cluster-view.ts';
import { lagBytes } from '../../domain/lsn.ts';
import { memberName, slotNameOf } from '../../domain/names.ts';
import { type Heir, lagging, notAllowed, type UnfitReason } from '../../domain/succession.ts';
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
  const { name, tags, timeline, position } = member;
  const { lastLsn } = view.status;
  const lag = position === null || lastLsn === null ? null : lagBytes({ ahead: lastLsn, behind: position });
  const limit = view.config.kind === 'valid' ? view.config.config.maximumLagOnFailoverBytes : null;
  const isTooFar = lag !== null && limit !== null && lag > limit;
  const unfit = mayEverLead(tags) ? (isTooFar ? lagging(lag) : null) : notAllowed;
  return { name, unfit, timeline, position, lagBytes: lag };
}

/** Was there a member of this name not long ago? Its slot is kept for a while after its key is gone. */
export function wasMember(view: ClusterView, name: string): boolean {
  const slot = slotNameOf(memberName(name));
  const { slots, retainSlots } = view.status;
  return memberOf(view, memberName(name)) !== null || slots.has(slot) || retainSlots.includes(slot);
}
