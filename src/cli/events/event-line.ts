import type { HistoryEvent } from '../../domain/history-event.ts';
import { textForm } from '../../domain/text-form.ts';
import { wallTime } from '../../domain/time.ts';
import { preciseTime } from '../local-time.ts';
import type { Painter } from '../paint.ts';

/** One event on one line: when, who, what, by which rule, and what was known. */
export function eventLine({ at, member, event, rule, level, facts }: HistoryEvent, paint: Painter): string {
  const moment = Date.parse(at);
  const when = Number.isNaN(moment) ? at : preciseTime(wallTime(moment)).slice(0, WITH_MILLISECONDS);
  const known = Object.entries(facts).map(([name, value]) => `${name}=${onOneLine(textForm(value))}`);
  const what = level === 'info' ? event : paint(level === 'error' ? 'red' : 'yellow', event);
  const words = [what, ...(rule === null ? [] : [`by rule ${rule}`]), ...known];
  return `${paint('dim', when)}  ${member}: ${words.join(' ')}`;
}

/** What PostgreSQL's programs say has several lines; one event has one. */
function onOneLine(text: string): string {
  return text.trim().replace(/\s*[\r\n]\s*/g, ' ');
}

const WITH_MILLISECONDS = '2031-05-04 10:00:00.123'.length;
