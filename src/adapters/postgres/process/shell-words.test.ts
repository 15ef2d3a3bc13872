import { expect, test } from 'vitest';
import { shellWords } from './shell-words.ts';

test.each([
  ['/bin/script  --a b', ['/bin/script', '--a', 'b']],
  [`sh -c 'echo "$1"' x`, ['sh', '-c', 'echo "$1"', 'x']],
  [String.raw`a\ b "c \"d\" \n" e'f'g`, ['a b', String.raw`c "d" \n`, 'efg']],
  [`''`, ['']],
  ['   ', []],
])('%j is split like a shell would', (command, words) => {
  expect(shellWords(command)).toEqual(words);
});
