import type { HistoryEvent } from '../../domain/history-event.ts';
import { isJsonList, isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { objectIn, textIn } from '../dcs/lenient.ts';

/** The body of `GET /events`: what changed here, oldest first. */
export function eventsDocument(events: readonly HistoryEvent[]): JsonObject {
  return { events: events.map((each) => ({ ...each })) };
}

/** @returns `null` when it is no such document: another product's agent answers. What cannot be read of it is left out. */
export function readEvents(body: string): readonly HistoryEvent[] | null {
  const events = objectIn(body)?.['events'];
  return isJsonList(events) ? events.flatMap((each) => readEvent(each) ?? []) : null;
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
