import type { CommandLine, Output } from './command-line.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim';

/** Colour a text where somebody sees it: on a terminal, unless they want none (https://no-color.org). */
export function painter(output: Output, { environment }: Pick<CommandLine, 'environment'>): Painter {
  const isWanted = output.isTerminal && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  return isWanted ? (colour, text) => `\x1b[${codes[colour]}m${text}\x1b[0m` : (_colour, text) => text;
}

export type Painter = (colour: Colour, text: string) => string;

const codes: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2 };
