import { InvalidArgumentError, Option } from 'commander';

/** `--group N`: one group of a Citus cluster. */
export function groupOption(): Option {
  return new Option('--group <number>', 'one group of a Citus cluster').argParser(integer);
}

function integer(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new InvalidArgumentError('It is no integer.');
  return Number(text);
}
