import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Ask for something on the terminal that nobody is to read there. */
export async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  // What is typed is echoed to this, and goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
