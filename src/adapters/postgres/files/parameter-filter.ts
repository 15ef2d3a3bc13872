import { parseInteger, parseReal } from '../../../domain/quantity.ts';
import { truth } from '../../../domain/tags.ts';
import type { Log } from '../../../ports/log.ts';
import type { ServerProgram } from '../binaries.ts';
import { MAJOR_MIN } from '../version.ts';
import { type ParameterType, parameterType } from './parameter-table.ts';
import { RECOVERY_SETTINGS } from './recovery-settings.ts';

/**
 * The parameters as this server takes them: what it does not know, or would refuse, keeps it from starting and is left
 * out with a warning; numbers beyond their limits become the limit (spec/postgres.md 6.4).
 */
export function acceptedParameters(
  parameters: Readonly<Record<string, string>>,
  program: ServerProgram,
  log: Log,
): Readonly<Record<string, string>> {
  const accepted: Record<string, string> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (RECOVERY_SETTINGS.has(name)) continue;
    const verdict = judge(name, value, program);
    if (verdict.kind === 'dropped') log.write('warn', 'parameter-dropped', { name, value, because: verdict.because });
    else accepted[name] = verdict.value;
    if (verdict.kind === 'limited') log.write('warn', 'parameter-limited', { name, value, used: verdict.value });
  }
  return accepted;
}

export type Verdict =
  | { readonly kind: 'accepted'; readonly value: string }
  | { readonly kind: 'limited'; readonly value: string }
  | { readonly kind: 'dropped'; readonly because: 'unknown' | 'invalid' };

/**
 * May this value be written? Names with a dot belong to extensions, which PostgreSQL accepts unseen, but not every word:
 * one that its file cannot hold makes the whole file unreadable. A name that only the server itself knows (a vendor's build) is
 * written unchecked.
 */
export function judge(name: string, value: string, program: ServerProgram): Verdict {
  const type = parameterType(name, program.version ?? MAJOR_MIN * 10_000);
  if (type !== null) return judgeValue(type, value);
  // A server that did not describe itself is left to say for itself what it does not know.
  const isUndescribed = program.parameterNames.size === 0 && !name.includes('.');
  const isKnown = OF_EXTENSION.test(name) || isUndescribed || program.parameterNames.has(name);
  return isKnown ? { kind: 'accepted', value } : { kind: 'dropped', because: 'unknown' };
}

const OF_EXTENSION = /^[a-z_\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*\.[a-z_\u0080-\u{10ffff}][\w\u0080-\u{10ffff}]*$/iu;

function judgeValue(type: ParameterType, value: string): Verdict {
  switch (type.kind) {
    case 'text':
      return { kind: 'accepted', value };
    case 'boolean':
      return truth(value) === null ? INVALID : { kind: 'accepted', value };
    case 'word':
      return type.words.includes(value.toLowerCase()) ? { kind: 'accepted', value } : INVALID;
    case 'boolean-or-word':
      return truth(value) !== null || type.words.includes(value.toLowerCase()) ? { kind: 'accepted', value } : INVALID;
    case 'integer':
      return limited(parseInteger(value, type.unit), type, value);
    case 'real':
      return limited(parseReal(value, type.unit), type, value);
  }
}

const INVALID: Verdict = { kind: 'dropped', because: 'invalid' };

/** A limit is written without a unit: it counts in the parameter's own. */
function limited(
  number: number | null,
  limits: { readonly min: number; readonly max: number },
  value: string,
): Verdict {
  if (number === null) return INVALID;
  if (number < limits.min) return { kind: 'limited', value: String(limits.min) };
  return number > limits.max ? { kind: 'limited', value: String(limits.max) } : { kind: 'accepted', value };
}
