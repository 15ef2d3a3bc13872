import type { JsonObject } from '../../domain/json.ts';
import { formatLsn } from '../../domain/lsn.ts';
import type { Heir, UnfitReason } from '../../domain/succession.ts';
import type { Verdict } from './verdict.ts';

export type Told = {
  readonly cluster: string;
  readonly member: string;
  readonly leader: string | null;
  readonly verdict: Verdict;
  /** Does its agent answer whoever asks here? `null`: it was not tried. */
  readonly answersHere: boolean | null;
};

/** Why the member does not lead, in a few sentences. */
export function renderWhyNot(told: Told): string {
  return `${sentences(told).join('\n')}\n`;
}

/** The same for programs. */
export function whyNotDocument(told: Told): JsonObject {
  const { cluster, member, leader, verdict } = told;
  const because = 'because' in verdict ? verdict.because : null;
  const heir = 'heir' in verdict ? verdict.heir : null;
  return {
    cluster,
    member,
    leader,
    reason: verdict.reason,
    because,
    rule: 'rule' in verdict ? verdict.rule : null,
    timeline: heir?.timeline ?? null,
    lsn: heir === null || heir.position === null ? null : formatLsn(heir.position),
    lag_bytes: heir?.lagBytes ?? null,
    said_by: 'by' in verdict ? verdict.by.kind : null,
    explanation: sentences(told).join(' '),
  };
}

function sentences(told: Told): readonly string[] {
  const { cluster, member, verdict } = told;
  const leader = told.leader ?? 'nobody';
  switch (verdict.reason) {
    case 'leads':
      return [`${member} does lead cluster ${cluster}. How it came to that: matriarch why ${member}`];
    case 'no-key':
      return [
        `${member} has no key in the store: its agent is stopped, or cut off from the store, and its lease has ended.`,
        `${capital(leader)} leads. Its replication slot is still kept for ${member}${answersHere(told)}.`,
      ];
    case 'nobody-leads':
      return [
        `Nobody leads cluster ${cluster}. The agent of ${member} goes by rule ${verdict.rule}${colon(verdict.because)}.`,
      ];
    case 'could-lead':
      return [
        ...judgedByKeys(verdict),
        `Nothing speaks against ${member}${standing(verdict.heir)}: it could take over at any time.`,
        `It does not lead because ${leader} does, and there is one leader at a time. To change that:`,
        `matriarch switchover --candidate ${member}`,
      ];
    case 'unreachable':
    case 'nofailover':
    case 'watchdog':
    case 'primary':
    case 'timeline':
    case 'diverged':
    case 'keeps-out':
    case 'position-unknown':
    case 'lagging':
    case 'asynchronous':
      return [
        ...judgedByKeys(verdict),
        `${member} could not take over from ${leader}: ${verdict.because}${standing(verdict.heir)}.`,
        meaning(told, verdict),
      ];
  }
}

type Unfit = Extract<Verdict, { readonly reason: UnfitReason }>;

/** What a reason means, and what would change it. */
function meaning(told: Told, { reason, by }: Unfit): string {
  const { member } = told;
  const leader = told.leader ?? 'the leader';
  switch (reason) {
    case 'unreachable':
      return `Its agent does not answer ${leader}, so nobody knows what it has${answersHere(told)}.`;
    case 'nofailover':
      return `It is tagged so that it never leads (nofailover, or failover_priority 0).`;
    case 'lagging': {
      const limit = by.maximumLagBytes === null ? '' : ` (${by.maximumLagBytes} bytes)`;
      return `That is more than a failover may lose: maximum_lag_on_failover${limit}.`;
    }
    case 'asynchronous':
      return `The cluster is in synchronous mode, and ${leader} does not wait for ${member}: it may lack what was acknowledged.`;
    case 'diverged':
      return `It has written what the cluster went on without. Rewound, or copied anew, it may lead again: matriarch reinit ${told.cluster} ${member}`;
    case 'keeps-out':
      return `Its pre_promote is asked again when one ttl has passed since it said no.`;
    case 'timeline':
      return `It has to follow ${leader} onto the timeline of the cluster first.`;
    case 'primary':
      return `Its PostgreSQL accepts writes without the lock; its own agent says what it does about that: matriarch why ${member}`;
    case 'watchdog':
      return `It requires a watchdog and has none that works.`;
    case 'position-unknown':
      return `Who does not say how far it is cannot be compared with others.`;
  }
}

function judgedByKeys({ by }: Extract<Verdict, { readonly by: unknown }>): readonly string[] {
  return by.kind === 'leader' ? [] : [`${by.why}; this is what the keys in the store say.`];
}

function answersHere({ answersHere: answers }: Told): string {
  if (answers === null) return '';
  return answers ? '; here it does answer, so the network between them is cut' : '; here it does not answer either';
}

function standing({ timeline, position, lagBytes }: Heir): string {
  const parts = [
    ...(timeline === null ? [] : [`timeline ${timeline}`]),
    ...(position === null ? [] : [formatLsn(position)]),
    ...(lagBytes === null ? [] : [`${lagBytes} bytes behind`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function colon(text: string | null): string {
  return text === null ? '' : `: ${text}`;
}

function capital(text: string): string {
  return text === 'nobody' ? 'Nobody' : text;
}
