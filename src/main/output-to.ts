import type { Output } from '../cli/command-line.ts';
import { harmless } from './control-characters.ts';

/** A program that reads gets what there is; a person's terminal is told nothing but what to show. */
export function outputTo(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>): Output {
  return {
    isTerminal: stream.isTTY,
    write: (text) => void stream.write(stream.isTTY ? harmless(text) : text),
  };
}
