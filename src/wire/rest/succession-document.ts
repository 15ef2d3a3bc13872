import { isJsonList, isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { formatLsn, parseLsn } from '../../domain/lsn.ts';
import { memberName } from '../../domain/names.ts';
import { type Heir, type Succession, type Unfit, unfitReasons } from '../../domain/succession.ts';
import { integerIn, objectIn, textIn, timelineIn } from '../dcs/lenient.ts';

/** The body of `GET /matriarch/succession`: who could take over from the leader that answers. */
export function successionDocument(succession: Succession): JsonObject {
  const { leader, position, maximumLagBytes, members } = succession;
  return {
    leader,
    lsn: position === null ? null : formatLsn(position),
    maximum_lag_bytes: maximumLagBytes,
    members: members.map(heirDocument),
  };
}

/** @returns `null` when it is no such document. */
export function readSuccession(body: string): Succession | null {
  const document = objectIn(body);
  const leader = textIn(document?.['leader']);
  const maximumLagBytes = integerIn(document?.['maximum_lag_bytes']);
  const members = document?.['members'];
  if (document === null || leader === null || maximumLagBytes === null || !isJsonList(members)) return null;
  return {
    leader: memberName(leader),
    position: lsnIn(document['lsn']),
    maximumLagBytes,
    members: members.flatMap((each) => readHeir(each) ?? []),
  };
}

function heirDocument({ name, unfit, timeline, position, lagBytes }: Heir): JsonObject {
  return {
    name,
    could_lead: unfit === null,
    reason: unfit?.reason ?? null,
    because: unfit?.because ?? null,
    timeline,
    lsn: position === null ? null : formatLsn(position),
    lag_bytes: lagBytes,
  };
}

function readHeir(json: Json): Heir | null {
  if (!isJsonObject(json)) return null;
  const name = textIn(json['name']);
  const unfit = json['could_lead'] === true ? null : readUnfit(json);
  if (name === null || unfit === 'unreadable') return null;
  return {
    name: memberName(name),
    unfit,
    timeline: timelineIn(json['timeline']),
    position: lsnIn(json['lsn']),
    lagBytes: integerIn(json['lag_bytes']),
  };
}

function readUnfit(json: JsonObject): Unfit | 'unreadable' {
  const reason = unfitReasons.find((each) => each === json['reason']);
  const because = textIn(json['because']);
  return reason === undefined || because === null ? 'unreadable' : { reason, because };
}

function lsnIn(json: Json | undefined): ReturnType<typeof parseLsn> {
  const text = textIn(json);
  return text === null ? null : parseLsn(text);
}
