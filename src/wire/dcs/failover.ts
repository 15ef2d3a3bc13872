import type { FailoverRequest, Schedule } from '../../domain/cluster-view.ts';
import type { Json } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import type { MemberName } from '../../domain/names.ts';
import { memberName } from '../../domain/names.ts';
import type { StoredPair } from '../../domain/stored-pair.ts';
import { textForm } from '../../domain/text-form.ts';
import { parseJson } from '../json.ts';
import { textIn } from './lenient.ts';
import { readStoredSchedule } from './stored-schedule.ts';

/**
 * Read the `failover` key: JSON, or the old `leader:candidate`.
 * @returns `null` when it holds no request: neither leader nor candidate, whatever the schedule.
 * @see spec/dcs.md 1.9 (C-12, C-13, T-03)
 */
export function readFailover(pair: StoredPair): FailoverRequest | null {
  const parsed = parseJson(pair.value);
  const request =
    parsed.kind === 'invalid'
      ? colonForm(pair.value)
      : isJsonObject(parsed.json)
        ? {
            leader: nameIn(parsed.json['leader']),
            candidate: nameIn(parsed.json['member']),
            schedule: scheduleIn(parsed.json['scheduled_at']),
          }
        : null;
  if (request === null || (request.leader === null && request.candidate === null)) return null;
  return { ...request, modRevision: pair.modRevision };
}

function colonForm(text: string): Omit<FailoverRequest, 'modRevision'> {
  const [leader, candidate] = text.split(':').map((each) => each.trim());
  return { leader: nameIn(leader), candidate: nameIn(candidate), schedule: { kind: 'now' } };
}

function nameIn(json: Json | undefined): MemberName | null {
  const text = textIn(json);
  return text === null ? null : memberName(text);
}

function scheduleIn(json: Json | undefined): Schedule {
  if (json === undefined || json === null || json === '') return { kind: 'now' };
  return typeof json === 'string' ? readStoredSchedule(json) : { kind: 'unreadable', text: textForm(json) };
}
