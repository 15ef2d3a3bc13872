import type { Json, JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import type { Lsn } from '../../domain/lsn.ts';
import { lsn } from '../../domain/lsn.ts';
import type { Timeline } from '../../domain/timeline.ts';
import { timeline } from '../../domain/timeline.ts';
import { parseJson } from '../json.ts';

/** Other agents' values are read as far as they can be; what cannot be read is not known, and never an error. */

/** @returns the object in `text`, or `null` when it holds anything else. */
export function objectIn(text: string): JsonObject | null {
  const parsed = parseJson(text);
  return parsed.kind === 'parsed' && isJsonObject(parsed.json) ? parsed.json : null;
}

/** @returns an integer written as a number or as decimal text, with every digit; else `null`. */
export function integerIn(json: Json | undefined): bigint | null {
  if (typeof json === 'bigint') return json;
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : null;
  return typeof json === 'string' && /^\s*-?\d{1,20}\s*$/.test(json) ? BigInt(json) : null;
}

/** A published position in bytes. Zero is what agents publish that do not know theirs: `null`. */
export function positionIn(json: Json | undefined): Lsn | null {
  const bytes = integerIn(json);
  return bytes === null || bytes === 0n ? null : lsn(bytes);
}

export function timelineIn(json: Json | undefined): Timeline | null {
  const number = integerIn(json);
  return number === null ? null : timeline(Number(number));
}

/** @returns `null` for anything but a text with something in it. */
export function textIn(json: Json | undefined): string | null {
  return typeof json === 'string' && json !== '' ? json : null;
}
