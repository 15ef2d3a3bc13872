import type { OperatorLine } from './command-line.ts';
import { aborted, type Stop } from './stop.ts';

/** `question [preset]: `; an empty answer is the preset. */
export async function prompt(line: OperatorLine, question: string, preset: string): Promise<string | Stop> {
  const answer = await line.ask(`${question} [${preset}]: `);
  if (answer === null) return aborted;
  return answer === '' ? preset : answer;
}

/** `question [y/N]: `, again until the answer is one of both; an empty one is no. */
export async function confirm(line: OperatorLine, question: string): Promise<'yes' | 'no' | Stop> {
  for (;;) {
    const answer = await line.ask(`${question} [y/N]: `);
    if (answer === null) return aborted;
    if (/^\s*y(es)?\s*$/i.test(answer)) return 'yes';
    if (/^\s*(no?)?\s*$/i.test(answer)) return 'no';
    line.stderr.write('Error: invalid input\n');
  }
}
