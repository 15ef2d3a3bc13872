import type { Document, LineCounter as Lines, YAMLError } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Json } from '../../domain/json.ts';
import { yamlScalars } from './yaml-scalars.ts';

export type ParsedYaml =
  | { readonly kind: 'parsed'; readonly value: Json; readonly lineOf: LineOf; readonly depthOf: DepthOf }
  | { readonly kind: 'invalid'; readonly line: number | null; readonly message: string };

/** The line of an option, or of the innermost section on its path that exists, counted from 1; `null`: none exists. */
export type LineOf = (path: readonly string[]) => number | null;

/** How many keys of a path exist, from the top. */
export type DepthOf = (path: readonly string[]) => number;

/**
 * Parse YAML exactly as Patroni's parser does: version 1.1 (`on` is true, `0644` is 420), merge keys, the last of
 * duplicate keys wins, one document, no custom tags.
 * @see spec/config.md 1.2
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    customTags: [...yamlScalars],
    resolveKnownTags: false,
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  // An unknown tag is only a warning to the parser, and its value would silently be a text.
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const offset = openedAt(document, problem.pos[0]) ?? problem.pos[0];
    return { kind: 'invalid', line: lines.linePos(offset).line, message: explained(problem) };
  }
  return valueOf(document, lines);
}

/** A quotation that never ends is found at the end of the file: the line where it begins is the one to look at. */
function openedAt(document: Document.Parsed, end: number): number | null {
  const found: number[] = [];
  visit(document, {
    Scalar: (_key, { type, range }) => {
      const [from, to] = range ?? [0, 0];
      if (type?.startsWith('QUOTE_') === true && from < end && end <= to) found.push(from);
    },
  });
  return found[0] ?? null;
}

/** Never with what stands there, which may be a password: this is logged, and `GET /events` tells it to anybody. */
function explained({ code, message }: YAMLError): string {
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return `${message} (is the next line indented too far?)`;
  if (code === 'TAG_RESOLVE_FAILED') return 'what begins with "!", or is a lone "=", belongs in quotes';
  if (code === 'BAD_DQ_ESCAPE') return 'no such escape sequence: in single quotes a backslash stands for itself';
  return withoutQuotation(message);
}

/** The parser says what it found behind a colon. */
function withoutQuotation(message: string): string {
  return message.replace(/(?<=[\w)]): .*$/s, '');
}

function valueOf(document: Document.Parsed, lines: Lines): ParsedYaml {
  try {
    // Everything our tags resolve to is a JSON value; the limit keeps aliases of aliases from filling the memory.
    const value = document.toJS({ maxAliasCount: ALIASES_MAX }) as Json | undefined;
    const depthOf: DepthOf = (path) => walk(document, path).length;
    return { kind: 'parsed', value: value ?? null, lineOf: (path) => lineOf(document, lines, path), depthOf };
  } catch (error) {
    // ReferenceError: too many aliases, or one without an anchor. TypeError and Error: a merge of what is no map.
    if (error instanceof Error) {
      return { kind: 'invalid', line: lineOfTrouble(document, lines), message: withoutQuotation(error.message) };
    }
    throw error;
  }
}

const ALIASES_MAX = 100;

/** Where the library does not say it: the first alias without an anchor, or merge of what is no map. `null`: neither. */
function lineOfTrouble(document: Document.Parsed, lines: Lines): number | null {
  const found: number[] = [];
  const stopAt = (node: unknown): symbol => {
    found.push(offsetOf(node));
    return visit.BREAK;
  };
  visit(document, {
    Alias: (_key, alias) => (alias.resolve(document) === undefined ? stopAt(alias) : undefined),
    Pair: (_key, { key, value }) =>
      isScalar(key) && key.source === '<<' && isScalar(value) ? stopAt(value) : undefined,
  });
  const [offset] = found;
  return offset === undefined ? null : lines.linePos(offset).line;
}

function lineOf(document: Document.Parsed, lines: Lines, path: readonly string[]): number | null {
  const offset = walk(document, path).at(-1);
  return offset === undefined ? null : lines.linePos(offset).line;
}

/** Where each key of a path stands, as far as they exist. */
function walk(document: Document.Parsed, path: readonly string[]): readonly number[] {
  let node: unknown = document.contents;
  const offsets: number[] = [];
  for (const key of path) {
    const step = child(isAlias(node) ? node.resolve(document) : node, key);
    if (step === null) break;
    offsets.push(step.offset);
    node = step.node;
  }
  return offsets;
}

function child(node: unknown, key: string): { readonly node: unknown; readonly offset: number } | null {
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? null : { node: item, offset: offsetOf(item) };
  }
  if (!isMap(node)) return null;
  const pair = node.items.findLast((each) => isScalar(each.key) && String(each.key.value) === key);
  return pair === undefined ? null : { node: pair.value, offset: offsetOf(pair.key) };
}

function offsetOf(node: unknown): number {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? (node.range?.[0] ?? 0) : 0;
}
