/**
 * Does this command line name one of the commands that only read the store? A word behind a global option that takes a
 * value is that value. When in doubt it does not: the whole program understands everything.
 */
export function isQuickCall(argv: readonly string[]): boolean {
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (takesValue.has(word)) at += 1;
    else if (!word.startsWith('-')) return quickCommands.has(word);
  }
  return false;
}

const quickCommands: ReadonlySet<string> = new Set(['list', 'topology', 'history', 'show-config', 'dsn']);
const takesValue: ReadonlySet<string> = new Set(['-c', '--config-file', '-d', '--dcs-url', '--dcs']);
