import { nodeNames } from '../names.ts';
import { type Command, type Target, targetedKinds } from './command.ts';

/** `kill-node leader; wait healed 30s; switchover`: commands as text, separated by `;`. */
export function parseScript(text: string): ParsedScript {
  const commands: Command[] = [];
  for (const part of text.split(';')) {
    const words = part
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length === 0) continue;
    const command = parseCommand(words);
    if (command === null) return { kind: 'invalid', problem: `"${words.join(' ')}" is none of: ${usage}` };
    commands.push(command);
  }
  return commands.length === 0
    ? { kind: 'invalid', problem: `it is empty; there are: ${usage}` }
    : { kind: 'script', commands };
}

export type ParsedScript =
  | { readonly kind: 'script'; readonly commands: readonly Command[] }
  | { readonly kind: 'invalid'; readonly problem: string };

const usage =
  'kill-postgres, kill-node, freeze, cut (each with leader, replica, node1 to node3; without: leader), ' +
  'bring-back (all, or one of these), switchover, pause, resume, wait healed SPAN, wait SPAN (like 30s)';

function parseCommand([verb = '', ...rest]: readonly string[]): Command | null {
  const targeted = targetedKinds.find((kind) => kind === verb);
  const [first, second] = rest;
  if (targeted !== undefined) {
    const target = first === undefined ? 'leader' : parseTarget(first);
    return target === null || rest.length > 1 ? null : { kind: targeted, target };
  }
  switch (verb) {
    case 'bring-back': {
      const target = first === undefined || first === 'all' ? 'all' : parseTarget(first);
      return target === null || rest.length > 1 ? null : { kind: verb, target };
    }
    case 'switchover':
    case 'pause':
    case 'resume':
      return rest.length === 0 ? { kind: verb } : null;
    case 'wait': {
      const isHealed = first === 'healed';
      const ms = parseSpan(isHealed ? second : first);
      if (ms === null || rest.length !== (isHealed ? 2 : 1)) return null;
      return isHealed ? { kind: 'wait-healed', withinMs: ms } : { kind: 'wait', ms };
    }
    default:
      return null;
  }
}

function parseTarget(word: string): Target | null {
  return [...nodeNames, 'leader' as const, 'replica' as const].find((each) => each === word) ?? null;
}

/** `30s`, `0.5s`, `500ms`, `2m`. @returns milliseconds. */
function parseSpan(word: string | undefined): number | null {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(word ?? '') ?? [];
  if (digits === undefined) return null;
  return Number(digits) * (unit === 'ms' ? 1 : unit === 's' ? 1_000 : 60_000);
}
