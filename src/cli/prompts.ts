import type { OperatorLine } from './command-line.ts';
import { aborted, isStop, type Stop } from './stop.ts';

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

/** `question: `, again until the answer is an integer. */
export async function askInteger(line: OperatorLine, question: string): Promise<number | Stop> {
  for (;;) {
    const answer = await askText(line, question);
    if (isStop(answer)) return answer;
    if (/^\s*[+-]?\d+\s*$/.test(answer)) return Number(answer);
    line.stderr.write(`Error: '${answer}' is not a valid integer.\n`);
  }
}

/** `question: `, again until there is an answer. */
export async function askText(line: OperatorLine, question: string): Promise<string | Stop> {
  for (;;) {
    const answer = await line.ask(`${question}: `);
    if (answer === null) return aborted;
    if (answer !== '') return answer;
  }
}
