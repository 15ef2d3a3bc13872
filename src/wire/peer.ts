import type { JsonObject } from '../domain/json.ts';
import { isJsonObject } from '../domain/json.ts';
import { furthestLsn } from '../domain/lsn.ts';
import type { MemberName } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { isTruthy } from '../domain/tags.ts';
import type { Instant } from '../domain/time.ts';
import { integerIn, objectIn, positionIn, timelineIn } from './dcs/lenient.ts';
import type { PeerHeaders } from './rest/peer-headers.ts';

/**
 * Read the body of a peer's `GET /patroni`. Its HTTP status does not matter: a node that leads nothing answers 503.
 * @returns `no-answer` when it says nothing of its PostgreSQL, or a standby does not say both its positions.
 * @see spec/ha.md 2.12, spec/rest-api.md 16
 */
export function readPeerAnswer(reply: {
  readonly member: MemberName;
  readonly askedAt: Instant;
  readonly body: string;
  readonly headers: PeerHeaders;
}): PeerAnswer {
  const { member, askedAt } = reply;
  const body = objectIn(reply.body);
  if (body === null) return { kind: 'no-answer', member, askedAt, reason: 'its answer is no JSON object' };
  const positions = positionsIn(body);
  if (positions === null) {
    const reason = 'it cannot vouch for its PostgreSQL';
    return { kind: 'no-answer', member, askedAt, reason, ...(isAtRest(body) ? { atRest: true } : {}) };
  }
  const common = {
    kind: 'reported' as const,
    member,
    askedAt,
    timeline: timelineIn(body['timeline']),
    tags: isJsonObject(body['tags']) ? body['tags'] : {},
    watchdogFailed: isTruthy(body['watchdog_failed']),
    isUnpromised: isTruthy(body['failsafe_unpromised']),
    lookedAgo: reply.headers.lookedAgo,
    ...(reply.headers.keepsOut && { keepsOut: true as const }),
    ...(reply.headers.getsNoLock && { getsNoLock: true as const }),
    ...(isTruthy(body['diverged']) ? { isDiverged: true as const } : {}),
  };
  if (isPrimary(body, positions)) return { ...common, recovery: 'primary', position: null };
  const received = positions['received_location'];
  const replayed = positions['replayed_location'];
  if (integerIn(received) === null || integerIn(replayed) === null) {
    return { kind: 'no-answer', member, askedAt, reason: 'it does not say how far its PostgreSQL is' };
  }
  const position = furthestLsn(positionIn(received), positionIn(replayed));
  return { ...common, recovery: 'standby', position, ...(reply.headers.isOnOldWal && { hasMore: true }) };
}

/** `xlog`, or `wal`; a node whose PostgreSQL does not answer leaves it out. */
function positionsIn(body: JsonObject): JsonObject | null {
  if (isJsonObject(body['wal'])) return body['wal'];
  return isJsonObject(body['xlog']) ? body['xlog'] : null;
}

/**
 * Left-over processes of a primary count as `crashed`, one that hangs as `running`. Who is about to start its primary again
 * says that it is one.
 */
function isAtRest({ state, role }: JsonObject): boolean {
  const isIdle = state === 'stopped' || state === 'creating replica';
  return isIdle && ['uninitialized', 'replica', 'demoted', 'standby_leader'].some((each) => each === role);
}

function isPrimary(body: JsonObject, positions: JsonObject): boolean {
  return isTruthy(positions['location']) || body['role'] === 'primary' || body['role'] === 'master';
}
