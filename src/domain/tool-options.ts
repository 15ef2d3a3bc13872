import type { Json } from './json.ts';
import { isJsonList, isJsonObject } from './json.ts';
import { unquotedShellWord } from './shell-word.ts';

export type Tool = 'initdb' | 'basebackup' | 'rewind';

export type ToolOptions = {
  /** Ready for the command line, in the order of the configuration: `--encoding=UTF8`, `--data-checksums`. */
  readonly options: readonly string[];
  /** One sentence for each item that was left out. For initdb any of them means: do not run it. */
  readonly problems: readonly string[];
};

/**
 * Options for one of PostgreSQL's tools from a list (`- data-checksums`, `- encoding: UTF8`) or a map.
 * @see spec/config.md 9.10
 */
export function toolOptions(tool: Tool, configured: Json | undefined): ToolOptions {
  if (configured === undefined || configured === null) return { options: [], problems: [] };
  const items = isJsonList(configured)
    ? configured.map((item) => readItem(tool, item))
    : isJsonObject(configured)
      ? Object.entries(configured)
          .filter(([name, value]) => name !== '' && value !== null && value !== false && value !== '')
          .map(([name, value]) => readPair(tool, name, value))
      : [refuse(`${tool} options must be list or dict`)];
  return {
    options: items.flatMap((item) => (item.kind === 'option' ? [item.text] : [])),
    problems: items.flatMap((item) => (item.kind === 'refused' ? [item.problem] : [])),
  };
}

type Item = { readonly kind: 'option'; readonly text: string } | { readonly kind: 'refused'; readonly problem: string };

function readItem(tool: Tool, item: Json): Item {
  if (typeof item === 'string') {
    const name = item.split('=', 1)[0] ?? item;
    return isForbidden(tool, { name, value: item.slice(name.length + 1) })
      ? refuse(`${name} option for ${tool} is not allowed`)
      : { kind: 'option', text: `--${item}` };
  }
  if (!isJsonObject(item)) {
    return refuse(
      `Error when parsing ${tool} option ${JSON.stringify(item, bigintAsText)}: ` +
        'value should be string value or a single key-value pair',
    );
  }
  const [pair, ...more] = Object.entries(item);
  return pair === undefined || more.length > 0 ? onlyOnePair(tool, item) : readPair(tool, pair[0], pair[1]);
}

function readPair(tool: Tool, name: string, value: Json): Item {
  if (typeof value !== 'string') return onlyOnePair(tool, { [name]: value });
  if (isForbidden(tool, { name, value })) return refuse(`${name} option for ${tool} is not allowed`);
  return { kind: 'option', text: `--${name}=${unquotedShellWord(value)}` };
}

function onlyOnePair(tool: Tool, item: Json): Item {
  return refuse(
    `Error when parsing ${tool} key-value option ${JSON.stringify(item, bigintAsText)}: ` +
      'only one key-value is allowed and value should be a string (put numbers in quotes)',
  );
}

function refuse(problem: string): Item {
  return { kind: 'refused', problem };
}

function isForbidden(tool: Tool, option: { readonly name: string; readonly value: string }): boolean {
  // Compression by the server leaves the plain format that a replica needs; any other turns the copy into an archive.
  if (tool === 'basebackup' && option.name === 'compress') return !option.value.startsWith('server');
  return FORBIDDEN[tool].has(option.name);
}

/** What the agent itself decides about these tools. */
const FORBIDDEN: Readonly<Record<Tool, ReadonlySet<string>>> = {
  initdb: new Set(['pgdata', 'nosync', 'pwfile', 'sync-only', 'version']),
  basebackup: new Set(
    'pgdata format wal-method xlog-method gzip version dbname host port username password'.split(' '),
  ),
  rewind: new Set(
    (
      'target-pgdata source-pgdata source-server write-recovery-conf dry-run restore-target-wal config-file ' +
      'no-ensure-shutdown version help'
    ).split(' '),
  ),
};

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
