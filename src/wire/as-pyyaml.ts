/**
 * Bring a block document into the lines that PyYAML would write: a text is in single quotes wherever it can be, and a long
 * line is folded not before it would be too long, but at the first blank behind the width. It reads back the same.
 */
export function asPyYaml(text: string): string {
  const lines: string[] = [];
  // What a text with line breaks has inside looks like keys and scalars, and is none.
  let inside: RegExp | null = null;
  for (const line of text.split('\n')) {
    if (inside !== null) {
      lines.push(line);
      if (inside.test(line)) inside = null;
      continue;
    }
    inside = endOfOpened(line);
    const quoted = inside === null && line.includes('"') ? requoted(line) : line;
    lines.push(inside === null && quoted.length > WIDTH ? foldLine(quoted) : quoted);
  }
  return lines.join('\n');
}

/** A scalar begins on this line, and ends on a later one: how that one looks. */
function endOfOpened(line: string): RegExp | null {
  const scalar = LINE.exec(line)?.groups?.['scalar'] ?? '';
  if (scalar.startsWith("'") && !QUOTED.test(scalar)) return /^(?:[^']|'')*'$/;
  if (scalar.startsWith('"') && !/^"(?:[^"\\]|\\.)*"(?::.*)?$/.test(scalar)) return /^(?:[^"\\]|\\.)*"$/;
  return null;
}

/** Key and scalar in double quotes that no escape needs, but for those of backslash and quote themselves. */
function requoted(line: string): string {
  return line.replace(DOUBLE_QUOTED, (_all, before: string, content: string, after: string) => {
    const plain = content.replace(/\\(.)/g, '$1').replaceAll("'", "''");
    return requoted(`${before}'${plain}'${after}`);
  });
}

const DOUBLE_QUOTED = /^( *(?:- )*(?:(?:'(?:[^']|'')*'|[^'" ].*?): )?)"((?:[^"\\]|\\[\\"])*)"(:? ?.*)$/;

const WIDTH = 200;

/** Blanks and dashes, then perhaps a key, then a scalar. A plain one has no `: ` in it. */
const LINE = /^(?<indent> *(?:- )*)(?<key>(?:'(?:[^']|'')*'|[^'" ].*?): )?(?<scalar>.*)$/;
/** A single-quoted scalar that ends where it began. */
const QUOTED = /^'(?:[^']|'')*'$/;

function foldLine(line: string): string {
  const { indent = '', key = '', scalar = '' } = LINE.exec(line)?.groups ?? {};
  const isQuoted = scalar.startsWith("'");
  // Within double quotes a break needs a mark.
  if (scalar.startsWith('"')) return line;
  const [opening, content, closing] = isQuoted ? ["'", scalar.slice(1, -1), "'"] : ['', scalar, ''];
  const continued = ' '.repeat(indent.length + (key === '' ? 0 : 2));
  const parts = content.split(/( +)/);
  let folded = '';
  let column = Array.from(`${indent}${key}${opening}`).length;
  for (const [at, part] of parts.entries()) {
    // Neither the first nor the last blank of all: they would be lost.
    const isInside = parts[at - 1] !== '' && at > 0 && parts[at + 1] !== '' && at < parts.length - 1;
    if (part === ' ' && column > WIDTH && isInside) {
      folded += `\n${continued}`;
      column = continued.length;
    } else {
      folded += part;
      column += Array.from(part).length;
    }
  }
  return `${indent}${key}${opening}${folded}${closing}`;
}
