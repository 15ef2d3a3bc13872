/** Far more than any line of ours; whatever is longer is no line. */
const LINE_LENGTH_MAX = 8_192;

/** Cuts a stream of text into lines. What is longer than any line can be is dropped. */
export function lineReader(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_LENGTH_MAX) rest = '';
    for (const line of lines) onLine(line);
  };
}
