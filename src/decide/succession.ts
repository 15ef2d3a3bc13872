import type { ClusterView, Member } from '../domain/cluster-view.ts';
import type { MemberName } from '../domain/names.ts';
import type { Observation } from '../domain/observation.ts';
import type { RequestAnswer } from '../domain/requests.ts';
import { type Heir, notAllowed, type Succession } from '../domain/succession.ts';
import { mayEverLead } from '../domain/tags.ts';
import { earlier, type Instant, later, seconds } from '../domain/time.ts';
import { heldLock } from './facts.ts';
import { ANSWER_AGE_MAX, asynchronous, lagBehindMe, unfitness } from './successor.ts';

export type SuccessionAnswer =
  | { readonly kind: 'answer'; readonly answer: RequestAnswer }
  | { readonly kind: 'ask'; readonly members: readonly MemberName[] }
  | { readonly kind: 'wait' };

/** Whoever has not answered by then does not. */
const PATIENCE = seconds(2);

/**
 * Who could take over from me now, and what speaks against the others? In the words in which a switchover is refused.
 * Members are asked, unless they were a moment ago: whoever may read may ask this, as often as they like.
 */
export function succession(o: Observation, view: ClusterView, receivedAt: Instant): SuccessionAnswer {
  if (heldLock(o) === null) return answer({ kind: 'text', status: 409, text: `${o.config.name} does not lead` });
  const others = view.members.filter((each) => each.name !== o.config.name);
  const since = earlier(receivedAt, ANSWER_AGE_MAX);
  const reachable = others.filter(({ apiUrl }) => apiUrl !== null).map((each) => each.name);
  const isComplete = reachable.every((name) => (o.peers.get(name)?.askedAt ?? since - 1) >= since);
  if (!isComplete && o.now < later(receivedAt, PATIENCE)) {
    const isAsked = o.peersAskedAt !== null && o.peersAskedAt >= receivedAt;
    // All are asked, as for a switchover: when peers were last asked is one time.
    return isAsked ? { kind: 'wait' } : { kind: 'ask', members: reachable };
  }
  return answer({ kind: 'succession', succession: judged(o, view) });
}

function judged(o: Observation, view: ClusterView): Succession {
  const server = o.postgres?.server;
  return {
    leader: o.config.name,
    position: server?.kind === 'primary' ? server.flushLsn : null,
    maximumLagBytes: o.dynamic.maximumLagOnFailoverBytes,
    members: view.members.filter((each) => each.name !== o.config.name).map((each) => heir(o, each)),
  };
}

function heir(o: Observation, { name, tags }: Member): Heir {
  const said = o.peers.get(name);
  // What its key says excludes it already; nobody asks it then in a switchover.
  const unfit = mayEverLead(tags) ? (asynchronous(o, name) ?? unfitness(o, said)) : notAllowed;
  if (said?.kind !== 'reported') return { name, unfit, timeline: null, position: null, lagBytes: null };
  const { timeline, position } = said;
  return { name, unfit, timeline, position, lagBytes: position === null ? null : lagBehindMe(o, position) };
}

function answer(given: RequestAnswer): SuccessionAnswer {
  return { kind: 'answer', answer: given };
}
