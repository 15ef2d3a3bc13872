/**
 * Ask on a terminal without showing what is typed. Enter ends it, a backspace takes one back. The question is shown on
 * standard error: what is printed may go to a file.
 * @returns `null`: the input ended, or was interrupted.
 */
export function askSecret(prompt: string): Promise<string | null> {
  const { stdin, stderr } = process;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  let typed = '';
  return new Promise((resolve) => {
    const end = (answer: string | null): void => {
      stdin.off('data', hear);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      resolve(answer);
    };
    const hear = (keys: string): void => {
      for (const key of keys) {
        if (key === INTERRUPT || key === END_OF_INPUT) end(null);
        else if (key === '\r' || key === '\n') end(typed);
        else typed = key === BACKSPACE || key === '\b' ? typed.slice(0, -1) : typed + key;
      }
    };
    stdin.on('data', hear);
    stdin.resume();
  });
}

const INTERRUPT = '\u0003';
const END_OF_INPUT = '\u0004';
const BACKSPACE = '\u007f';
