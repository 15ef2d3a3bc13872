/** The `--name=value` options that the last postmaster was started with, of `postmaster.opts`. */
export function parsePostmasterOptions(text: string): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  for (const match of text.matchAll(/"--([A-Za-z_-]+)=([^"]*)"/g)) {
    if (match[1] !== undefined) options[match[1].replace(/-/g, '_')] = match[2] ?? '';
  }
  return options;
}
