import type { JsonObject } from '../../domain/json.ts';
import { formatLsn } from '../../domain/lsn.ts';
import { isoTime } from '../../domain/time-text.ts';
import type { Change, Changed } from './changes.ts';

/** A change for programs; names as in the REST API. */
export function changeJson(cluster: string, { at, ...changed }: Change): JsonObject {
  return { at: isoTime(at), cluster, event: changed.kind, ...fieldsOf(changed) };
}

function fieldsOf(changed: Changed): JsonObject {
  switch (changed.kind) {
    case 'leader':
      return { leader: changed.leader, before: changed.before };
    case 'member': {
      const { name, role, state, timeline, holdsLock, hasKey } = changed.member;
      return { member: name, role, state, timeline, leads: holdsLock, has_key: hasKey };
    }
    case 'gone':
    case 'answers':
      return { member: changed.name };
    case 'silent':
      return { member: changed.name, because: changed.why };
    case 'rule': {
      const { rule, facts, waitsFor, since } = changed.told;
      return { member: changed.name, rule, facts, waits_for: waitsFor, since };
    }
    case 'role-change': {
      const { to, rule, facts } = changed.told;
      return { member: changed.name, to, rule, facts };
    }
    case 'race':
      return { member: changed.name, ...raceFields(changed.told) };
    case 'timeline': {
      const { timeline, lsn, reason, leader } = changed.line;
      return { timeline, lsn: formatLsn(lsn), reason, leader };
    }
    case 'pause':
      return { paused: changed.isPaused };
    case 'schedule':
      return { scheduled: changed.scheduled };
    case 'store':
      return { answers: changed.silence === null, because: changed.silence };
  }
}

function raceFields(race: (Changed & { readonly kind: 'race' })['told']): JsonObject {
  const { outcome, rule, facts, formerLeader, formerEnd, unledMs, renewedBeforeMs, own, others } = race;
  const former = { former_leader: formerLeader, former_end: formerEnd };
  const spans = { unled_ms: unledMs, renewed_before_ms: renewedBeforeMs };
  return { outcome, rule, facts, ...former, ...spans, own, others };
}
