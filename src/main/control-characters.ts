/**
 * What a terminal obeys instead of showing it: control characters, line separators, and marks that turn the direction of the text
 * round. The names, states and reasons that others publish may hold any of them.
 */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** On one line of a log whatever it holds: as JSON writes them. */
export function onOneLine(text: string): string {
  return text.replace(CONTROL, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** For a terminal: lines, tabs and the colours of our own stay, anything else shows as one column. */
export function harmless(text: string): string {
  return text
    .split(OWN)
    .map((part, at) => (at % 2 === 1 ? part : part.replace(CONTROL, (found) => (/[\n\t]/.test(found) ? found : '?'))))
    .join('');
}

/** Colours of `paint.ts`, and the clear screen before a list that is repeated. */
const OWN = /(\x1b\[(?:0|2|3[1-6])m|\x1b\[2J\x1b\[H)/;
