import type { AgentConfig } from '../../domain/agent-config.ts';
import { parseInteger } from '../../domain/quantity.ts';
import { textForm } from '../../domain/text-form.ts';
import type { Section } from './section.ts';
import { hasSection, notice, subsection, text } from './section.ts';

/** spec/config.md 9.8 */
export function readWatchdog(root: Section): AgentConfig['watchdog'] {
  const section = subsection(root, 'watchdog');
  const mode = readMode(section);
  return {
    mode,
    device: text(section, 'device') ?? '/dev/watchdog',
    safetyMargin: parseInteger(section.values['safety_margin']) ?? 5,
    ...(text(section, 'driver') === 'testing' ? { driver: 'testing' } : {}),
    ...(hasSection(root, 'watchdog') ? { isNamed: true } : {}),
  };
}

/** An unquoted `off` arrives as the boolean. */
function readMode(section: Section): AgentConfig['watchdog']['mode'] {
  const configured = section.values['mode'] ?? 'automatic';
  const mode = MODES.get(textForm(configured).toLowerCase());
  if (mode === undefined) notice(section, 'mode', `"${textForm(configured)}" is not known: there is no watchdog`);
  return mode ?? 'off';
}

const MODES: ReadonlyMap<string, AgentConfig['watchdog']['mode']> = new Map([
  ['false', 'off'],
  ['off', 'off'],
  ['disable', 'off'],
  ['disabled', 'off'],
  ['automatic', 'automatic'],
  ['auto', 'automatic'],
  ['required', 'required'],
  ['require', 'required'],
]);
