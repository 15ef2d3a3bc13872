/**
 * Split a configured command into words as a POSIX shell would quote them, without expanding anything: it is run
 * without a shell (spec/postgres.md 3.2). An unfinished quote reaches to the end.
 */
export function shellWords(command: string): readonly string[] {
  const words: string[] = [];
  const word = /\s*((?:'[^']*'?|"(?:[^"\\]|\\[^])*"?|\\[^]|[^\s'"\\])+)/y;
  for (let match = word.exec(command); match?.[1] !== undefined; match = word.exec(command)) {
    words.push(unquoted(match[1]));
  }
  return words;
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'?|"((?:[^"\\]|\\[^])*)"?|\\([^])/g, (_all, single, double, escaped) => {
    if (typeof single === 'string') return single;
    if (typeof double === 'string') return double.replace(/\\(["\\$`\n])/g, '$1');
    return String(escaped);
  });
}
