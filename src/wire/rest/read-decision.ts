import { isJsonList, isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { integerIn, objectIn, textIn } from '../dcs/lenient.ts';

/** What an agent's `GET /decision` says, as far as people are told of it. Texts as they came; `null`: not said. */
export type ToldDecision = {
  readonly document: JsonObject;
  readonly rule: string;
  readonly since: string | null;
  readonly waitsFor: string | null;
  readonly facts: JsonObject;
  readonly refused: readonly { readonly alternative: string; readonly because: string }[];
  readonly roleChange: ToldRoleChange | null;
  readonly race: ToldRace | null;
};

export type ToldRoleChange = {
  readonly to: string;
  readonly rule: string;
  readonly at: string;
  readonly facts: JsonObject;
};

export type ToldRace = {
  readonly outcome: string;
  readonly rule: string;
  readonly at: string;
  readonly facts: JsonObject;
  readonly formerLeader: string | null;
  readonly formerEnd: string | null;
  readonly unledMs: number | null;
  readonly renewedBeforeMs: number | null;
  readonly own: ToldStanding;
  readonly others: readonly (ToldStanding & { readonly because: string })[];
};

export type ToldStanding = {
  readonly name: string;
  readonly timeline: number | null;
  readonly lsn: string | null;
};

/** @returns `null` when it is no such document: another product's agent answers, or one that has only just started. */
export function readDecision(body: string): ToldDecision | null {
  const document = objectIn(body);
  const rule = textIn(document?.['rule']);
  if (document === null || rule === null) return null;
  return {
    document,
    rule,
    since: textIn(document['since']),
    waitsFor: textIn(document['waits_for']),
    facts: mapIn(document['facts']),
    refused: listIn(document['refused']).flatMap((each) => {
      const alternative = textIn(each['alternative']);
      return alternative === null ? [] : [{ alternative, because: textIn(each['because']) ?? '' }];
    }),
    roleChange: readRoleChange(mapIn(document['role_change'])),
    race: readRace(mapIn(document['race'])),
  };
}

function readRoleChange(json: JsonObject): ToldRoleChange | null {
  const [to, rule, at] = [textIn(json['to']), textIn(json['rule']), textIn(json['at'])];
  return to === null || rule === null || at === null ? null : { to, rule, at, facts: mapIn(json['facts']) };
}

function readRace(json: JsonObject): ToldRace | null {
  const [outcome, rule, at] = [textIn(json['outcome']), textIn(json['rule']), textIn(json['at'])];
  const own = readStanding(mapIn(json['own']));
  if (outcome === null || rule === null || at === null || own === null) return null;
  return {
    outcome,
    rule,
    at,
    facts: mapIn(json['facts']),
    formerLeader: textIn(json['former_leader']),
    formerEnd: textIn(json['former_end']),
    unledMs: numberIn(json['unled_ms']),
    renewedBeforeMs: numberIn(json['renewed_before_ms']),
    own,
    others: listIn(json['others']).flatMap((each) => {
      const standing = readStanding(each);
      return standing === null ? [] : [{ ...standing, because: textIn(each['because']) ?? '' }];
    }),
  };
}

function readStanding(json: JsonObject): ToldStanding | null {
  const name = textIn(json['name']);
  return name === null ? null : { name, timeline: numberIn(json['timeline']), lsn: textIn(json['lsn']) };
}

function numberIn(json: Json | undefined): number | null {
  const integer = integerIn(json);
  return integer === null ? null : Number(integer);
}

function mapIn(json: Json | undefined): JsonObject {
  return isJsonObject(json) ? json : {};
}

function listIn(json: Json | undefined): readonly JsonObject[] {
  return isJsonList(json) ? json.filter((each) => isJsonObject(each)) : [];
}
