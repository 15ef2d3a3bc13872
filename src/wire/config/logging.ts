import type { AgentConfig } from '../../domain/agent-config.ts';
import type { Section } from './section.ts';
import { problem, subsection, text } from './section.ts';

/** Where lines go is the adapter's; here is how much and in which form (spec/config.md 9.2). */
export function readLog(root: Section): AgentConfig['log'] {
  const section = subsection(root, 'log');
  const configured = text(section, 'level') ?? 'INFO';
  const level = LEVELS.get(configured.toUpperCase());
  if (level === undefined) problem(section, 'level', `"${configured}" must be one of DEBUG, INFO, WARNING, ERROR`);
  return { level: level ?? 'info', format: text(section, 'type') === 'json' ? 'json' : 'plain' };
}

/** The numbers are those of Python's logging, which Patroni takes as well. */
const LEVELS: ReadonlyMap<string, AgentConfig['log']['level']> = new Map([
  ['DEBUG', 'debug'],
  ['10', 'debug'],
  ['INFO', 'info'],
  ['20', 'info'],
  ['WARN', 'warn'],
  ['WARNING', 'warn'],
  ['30', 'warn'],
  ['ERROR', 'error'],
  ['40', 'error'],
  ['FATAL', 'error'],
  ['CRITICAL', 'error'],
  ['50', 'error'],
]);
