import { resolve } from 'node:path';
import { shellWords } from '../../../domain/shell-word.ts';

/**
 * A command of an operator as the program to run and its first arguments: split like a shell line, run without one. A
 * relative path is the agent's, wherever the command then works.
 * @returns `null`: there is no command in the text, or a quote is left open.
 */
export function operatorCommand(text: string): { readonly command: string; readonly args: readonly string[] } | null {
  const [command, ...args] = shellWords(text) ?? [];
  if (command === undefined || command === '') return null;
  return { command: command.includes('/') ? resolve(command) : command, args };
}
