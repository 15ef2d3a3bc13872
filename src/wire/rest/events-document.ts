import type { HistoryEvent } from '../../domain/history-event.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { textIn } from '../dcs/lenient.ts';

/** The body of `GET /events`: what changed here, oldest first. */
export function eventsDocument(events: readonly HistoryEvent[]): JsonObject {
  return { events: events.map((each) => ({ ...each })) };
}

/** @returns `null` for what is no event. */
export function readEvent(json: Json): HistoryEvent | null {
  if (!isJsonObject(json)) return null;
  const [at, member, event] = [textIn(json['at']), textIn(json['member']), textIn(json['event'])];
  const level = levels.find((each) => each === json['level']);
  if (at === null || member === null || event === null || level === undefined) return null;
  const facts = isJsonObject(json['facts']) ? json['facts'] : {};
  return { at, member, event, rule: textIn(json['rule']), level, facts };
}

const levels = ['error', 'warn', 'info'] as const;
