/**
 * The text without its shell quotes if it is exactly one shell word (`"bar baz"` is `bar baz`); else the text as it is.
 * @see spec/config.md 9.10
 */
export function unquotedShellWord(text: string): string {
  const words = shellWords(text);
  return words?.length === 1 ? (words[0] ?? text) : text;
}

/** Split like a shell command line, without expansions. @returns `null` when a quote or an escape is left open. */
export function shellWords(text: string): readonly string[] | null {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const word = WORD.exec(rest)?.[0] ?? '';
    if (word === '') return null;
    words.push(word.replace(PIECE, (piece) => unquote(piece)));
    rest = rest.slice(word.length);
    if (rest !== '' && !/^\s/.test(rest)) return null;
    rest = rest.trimStart();
  }
  return words;
}

const WORD = /^(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/s;
const PIECE = /\\.|'[^']*'|"(?:[^"\\]|\\.)*"/gs;

function unquote(piece: string): string {
  if (piece.startsWith('\\')) return piece.slice(1);
  const inside = piece.slice(1, -1);
  return piece.startsWith("'") ? inside : inside.replace(/\\(["\\])/g, '$1');
}
