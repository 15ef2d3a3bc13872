import type { Status } from '../../domain/cluster-view.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { isJsonList, isJsonObject } from '../../domain/json.ts';
import type { Lsn } from '../../domain/lsn.ts';
import type { SlotName } from '../../domain/names.ts';
import { slotName } from '../../domain/names.ts';
import { seconds } from '../../domain/time.ts';
import { parseJson } from '../json.ts';
import { positionIn } from './lenient.ts';

/**
 * Read the `status` key, or `optime/leader` when there is none. A bare integer is the old form of `status`; `slots` and
 * `retain_slots` may themselves be JSON text.
 * @see spec/dcs.md 1.7 (C-07, C-08, C-09)
 */
export function readStatus(stored: { readonly status: string | null; readonly optimeLeader: string | null }): Status {
  if (stored.status === null) return { ...NOTHING, lastLsn: positionIn(stored.optimeLeader ?? undefined) };
  const parsed = parseJson(stored.status);
  if (parsed.kind === 'invalid') return NOTHING;
  if (!isJsonObject(parsed.json)) {
    return typeof parsed.json === 'string' ? NOTHING : { ...NOTHING, lastLsn: positionIn(parsed.json) };
  }
  return readFields(parsed.json);
}

const NOTHING: Status = { lastLsn: null, slots: new Map(), retainSlots: [] };

function readFields(status: JsonObject): Status {
  return {
    lastLsn: positionIn(status['optime']),
    slots: slotsIn(perhapsJsonText(status['slots'])),
    retainSlots: retainSlotsIn(perhapsJsonText(status['retain_slots'])),
    ...failsafeTtlIn(status['failsafe_ttl']),
  };
}

function perhapsJsonText(json: Json | undefined): Json | undefined {
  if (typeof json !== 'string') return json;
  const parsed = parseJson(json);
  return parsed.kind === 'parsed' ? parsed.json : undefined;
}

function slotsIn(json: Json | undefined): ReadonlyMap<SlotName, Lsn> {
  if (!isJsonObject(json)) return new Map();
  return new Map(
    Object.entries(json).flatMap(([name, value]) => {
      const position = positionIn(value);
      return position === null ? [] : [[slotName(name), position] as const];
    }),
  );
}

function failsafeTtlIn(json: Json | undefined): Pick<Status, 'failsafeTtl'> {
  return typeof json === 'number' && json > 0 ? { failsafeTtl: seconds(json) } : {};
}

function retainSlotsIn(json: Json | undefined): readonly SlotName[] {
  return isJsonList(json) ? json.filter((each) => typeof each === 'string').map(slotName) : [];
}
