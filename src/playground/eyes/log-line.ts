import { z } from 'zod';
import type { LogLine } from '../model/log-line.ts';

/**
 * An agent's log line as one for people.
 * @returns `null` for what is not an agent's line (PostgreSQL's tools print beside it) or only for debugging.
 */
export function readLogLine(text: string): LogLine | null {
  const parsed = Line.safeParse(jsonOf(text));
  if (!parsed.success || parsed.data.level === 'debug') return null;
  const { at, level, event, ...fields } = parsed.data;
  return {
    wallAt: Date.parse(at),
    level,
    text: event === 'decision' ? decision(fields) : [event, list(fields)].join(' ').trimEnd(),
  };
}

/** `run promote, because of the rule may-promote: lease=…` */
function decision({ action, rule, task, for: purpose, ...facts }: Fields): string {
  const what = [action === 'wait' ? 'wait for' : action, task ?? purpose]
    .filter((word) => word !== undefined)
    .join(' ');
  const why = list(facts);
  return `${what}, by the rule ${String(rule)}${why === '' ? '' : `: ${why}`}`;
}

function list(fields: Fields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const Field = z.union([z.string(), z.number(), z.boolean(), z.null()]);
type Fields = Readonly<Record<string, z.infer<typeof Field>>>;
const Line = z
  .object({ at: z.iso.datetime(), level: z.enum(['debug', 'info', 'warn', 'error']), event: z.string() })
  .catchall(Field);
