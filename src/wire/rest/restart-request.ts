import type { PublishedRole } from '../../domain/cluster-view.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import type { RestartFilters } from '../../domain/orders.ts';
import { parseInteger } from '../../domain/quantity.ts';
import type { RestartRequest } from '../../domain/requests.ts';
import { isTruthy } from '../../domain/tags.ts';
import { textForm } from '../../domain/text-form.ts';
import { seconds, type WallTime } from '../../domain/time.ts';
import { parseSchedule } from './schedule-text.ts';

export type ParsedRestart =
  | { readonly kind: 'request'; readonly request: RestartRequest }
  /** The text is Patroni's. */
  | Refused;

type Refused = { readonly kind: 'refused'; readonly status: 400 | 422 | 500; readonly text: string };
type Draft = Omit<RestartRequest, 'kind'>;

/**
 * What the body of `POST /restart` asks for. Keys are read in the body's order, and the first bad one answers
 * (spec/rest-api.md 13). Whether the conditions are met is the agent's decision.
 */
export function parseRestart(
  body: JsonObject,
  { isPaused, now }: { readonly isPaused: boolean; readonly now: WallTime },
): ParsedRestart {
  if (isPaused && Object.hasOwn(body, 'schedule')) return refused(500, "Can't schedule restart in the paused state");
  let draft: Draft = { filters: { role: null, olderThan: null, restartPending: null }, timeout: null, schedule: null };
  for (const [key, value] of Object.entries(body)) {
    const read = readKey(draft, { key, value, now });
    if ('kind' in read) return read;
    draft = read;
  }
  return { kind: 'request', request: { kind: 'restart', ...draft } };
}

function readKey(
  draft: Draft,
  { key, value, now }: { readonly key: string; readonly value: Json; readonly now: WallTime },
): Draft | Refused {
  const filtered = (filters: Partial<RestartFilters>): Draft => ({
    ...draft,
    filters: { ...draft.filters, ...filters },
  });
  switch (key) {
    case 'schedule':
      return readSchedule(draft, value, now);
    case 'role': {
      const role = roles.find((each) => each === value);
      return role === undefined
        ? refused(400, 'PostgreSQL role should be either primary, standby_leader, or replica')
        : filtered({ role });
    }
    case 'postgres_version': {
      // A number has lost what made it a version: 16.10 is 16.1.
      const olderThan = typeof value === 'string' ? readVersion(value) : noVersion(textForm(value));
      return 'kind' in olderThan ? olderThan : filtered({ olderThan });
    }
    case 'restart_pending':
      return filtered({ restartPending: { posted: isTruthy(value) } });
    case 'timeout': {
      const timeout = parseInteger(value, 's');
      return timeout === null || timeout <= 0
        ? refused(400, 'Timeout should be a positive number of seconds')
        : { ...draft, timeout: seconds(timeout) };
    }
    default:
      return refused(400, `Unknown filter for the scheduled restart: ${key}`);
  }
}

const roles: readonly PublishedRole[] = ['primary', 'standby_leader', 'replica'];

function readSchedule(draft: Draft, value: Json, now: WallTime): Draft | Refused {
  const schedule = typeof value === 'string' ? parseSchedule(value, now) : { kind: 'unreadable' as const };
  switch (schedule.kind) {
    case 'no-zone':
      return refused(400, 'Timezone information is mandatory for the scheduled restart');
    case 'unreadable':
      return refused(422, 'Unable to parse scheduled timestamp. It should be in an unambiguous format, e.g. ISO 8601');
    case 'at':
      if (schedule.at < now) return refused(422, 'Cannot schedule restart in the past');
      return { ...draft, schedule: { at: schedule.at, text: schedule.iso } };
  }
}

/**
 * `16.3` as 160003, `9.5.2` as 90502: as servers count.
 * @returns The refusal, in Patroni's words.
 */
export function readVersion(text: string): { readonly text: string; readonly number: number } | Refused {
  const parts = text.split('.').map((part) => part.trim());
  if (parts.some((part) => !/^[+-]?\d+$/.test(part))) return noVersion(text);
  const [major = 0, middle = 0, last] = parts.map(Number);
  if (parts.length < 2 || parts.length > 3 || (parts.length === 2 && major < FIRST_MAJOR_OF_TWO_PARTS))
    return refused(400, `Invalid PostgreSQL version format: X.Y or X.Y.Z is accepted: ${text}`);
  return { text, number: major * 10_000 + (last === undefined ? middle : middle * 100 + last) };
}

const FIRST_MAJOR_OF_TWO_PARTS = 10;

function noVersion(text: string): Refused {
  return refused(400, `Invalid PostgreSQL version: ${text}`);
}

function refused(status: Refused['status'], text: string): Refused {
  return { kind: 'refused', status, text };
}
