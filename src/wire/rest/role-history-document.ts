import type { JsonObject } from '../../domain/json.ts';
import { formatLsn } from '../../domain/lsn.ts';
import type { Memory } from '../../domain/memory.ts';
import type { Beaten, Race, RoleChange, Standing } from '../../domain/role-change.ts';
import { isoTime } from '../../domain/time-text.ts';

/** What `GET /decision` tells of how this member came to its role; `null` each: not since its agent started. */
export function roleHistoryDocument({ race, roleChange }: Pick<Memory, 'race' | 'roleChange'>): JsonObject {
  return {
    role_change: roleChange === null ? null : roleChangeDocument(roleChange),
    race: race === null ? null : raceDocument(race),
  };
}

function roleChangeDocument({ to, rule, at, facts }: RoleChange): JsonObject {
  return { to, rule, at: isoTime(at), facts };
}

/** Spans in whole milliseconds. */
function raceDocument(race: Race): JsonObject {
  return {
    outcome: race.outcome,
    rule: race.rule,
    at: isoTime(race.at),
    facts: race.facts,
    former_leader: race.former?.name ?? null,
    former_end: race.former?.end ?? null,
    unled_ms: race.unledFor === null ? null : Math.round(race.unledFor),
    renewed_before_ms: race.renewedBefore === null ? null : Math.round(race.renewedBefore),
    own: standingDocument(race.own),
    others: race.others.map(beatenDocument),
  };
}

function standingDocument({ name, timeline, position }: Standing): JsonObject {
  return { name, timeline, lsn: position === null ? null : formatLsn(position) };
}

function beatenDocument(beaten: Beaten): JsonObject {
  return { ...standingDocument(beaten), because: beaten.because };
}
