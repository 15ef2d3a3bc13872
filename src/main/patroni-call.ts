import { versionLine } from './agent-command.ts';

/** What `patroni` may be called with. */
const OPTIONS = [
  '--version',
  '--validate-config',
  '--generate-sample-config',
  '--generate-config',
  '--dsn',
  '--ignore-listen-port',
  '--print',
  '--help',
];

export type PatroniCall =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'agent'; readonly argv: readonly string[] };

/**
 * What was typed after `patroni` as a call of `matriarch agent`. A long option may be shortened to what no other begins
 * with; what `--version` asks for is known here.
 * @see spec/config.md 2
 */
export function readPatroniCall(typed: readonly string[]): PatroniCall {
  const end = typed.indexOf('--');
  const words = typed.map((word, at) => (end !== -1 && at > end ? word : completed(word)));
  if (words.includes('--version')) return { kind: 'answered', text: versionLine };
  return { kind: 'agent', argv: ['agent', ...words] };
}

function completed(word: string): string {
  const [, name, value = ''] = /^(--[^=]+)(=.*)?$/s.exec(word) ?? [];
  if (name === undefined || OPTIONS.includes(name)) return word;
  const meant = OPTIONS.filter((each) => each.startsWith(name));
  return meant.length === 1 ? `${meant[0]}${value}` : word;
}
