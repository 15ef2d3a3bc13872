import type { OperatorLine } from './command-line.ts';
import { type Stop, stop } from './stop.ts';

/** What a file holds that the command line names; `-` is standard input. */
export async function givenText(path: string, line: OperatorLine): Promise<string | Stop> {
  const read = path === '-' ? await line.readInput() : line.readText(path);
  if (read.kind === 'read') return read.text;
  return stop(`${path === '-' ? 'Standard input' : `The file ${path}`} ${read.why}`);
}
