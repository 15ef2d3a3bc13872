import type { FailsafeAnswer, FailsafeCall } from '../../domain/failsafe.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { Lsn } from '../../domain/lsn.ts';
import { memberName, type SlotName, slotName } from '../../domain/names.ts';
import { millis, seconds } from '../../domain/time.ts';
import { integerIn, objectIn, positionIn, textIn } from '../dcs/lenient.ts';

/** The body of `POST /failsafe` (spec/ha.md F3). `ttl`, in seconds, is Matriarch's own: Patroni goes by its own and ignores it. */
export function renderFailsafeCall(call: FailsafeCall): JsonObject {
  return {
    name: call.name,
    conn_url: call.connUrl,
    api_url: call.apiUrl,
    slots: Object.fromEntries(call.slots),
    ...(call.ttl === null ? {} : { ttl: call.ttl / 1000 }),
  };
}

/** @returns `null` for a body that does not say who asks, and where it is. */
export function readFailsafeCall(body: string): FailsafeCall | null {
  const fields = objectIn(body);
  const name = textIn(fields?.['name']);
  const connUrl = textIn(fields?.['conn_url']);
  const apiUrl = textIn(fields?.['api_url']);
  if (fields === null || name === null || connUrl === null || apiUrl === null) return null;
  return { name: memberName(name), connUrl, apiUrl, slots: slotsIn(fields['slots']), ttl: ttlIn(fields['ttl']) };
}

/** What the answer to `POST /failsafe` means: exactly `200 Accepted`, or no (spec/ha.md F5). */
export function readFailsafeAnswer(reply: {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, unknown>>;
}): FailsafeAnswer {
  if (reply.status === 200 && reply.body === 'Accepted') {
    const said = reply.headers?.['lsn'];
    return { kind: 'accepted', lsn: typeof said === 'string' ? positionIn(said) : null };
  }
  // Cut first: the pattern looks for the end of each `<`, and whoever answers may send thousands.
  const words = reply.body
    .slice(0, PAGE_MAX)
    .replaceAll(/<[^>]*>/g, ' ')
    .trim();
  return { kind: 'refused', reason: `${String(reply.status)}: ${words.slice(0, WORDS_MAX)}` };
}

function slotsIn(json: Json | undefined): ReadonlyMap<SlotName, Lsn> {
  if (json === undefined || !isJsonObject(json)) return new Map();
  const slots = new Map<SlotName, Lsn>();
  for (const [name, said] of Object.entries(json)) {
    const position = positionIn(said);
    if (position !== null) slots.set(slotName(name), position);
  }
  return slots;
}

/** Absurd ones would keep this member out of every race: a day is more than any `ttl`. */
function ttlIn(json: Json | undefined): FailsafeCall['ttl'] {
  const said = integerIn(json);
  return said === null || said <= 0n ? null : millis(Math.min(Number(said) * 1000, seconds(TTL_MAX_SECONDS)));
}

/** Of a page around the words. */
const PAGE_MAX = 4_096;
const WORDS_MAX = 120;
const TTL_MAX_SECONDS = 86_400;
