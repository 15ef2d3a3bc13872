import type { Output } from '../cli/command-line.ts';
import { harmless } from './control-characters.ts';

/**
 * A program that reads gets what there is; a person's terminal is told nothing but what to show. `failed`: a text could not
 * be written. The stream's own event may come too late, when the process has ended well.
 */
export function outputTo(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  failed: (error: Error) => void = () => undefined,
): Output {
  return {
    isTerminal: stream.isTTY,
    write(text) {
      stream.write(stream.isTTY ? harmless(text) : text, (error) => {
        if (error !== null && error !== undefined) failed(error);
      });
    },
  };
}
