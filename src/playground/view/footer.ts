import { type Line, span } from '../../terminal/line.ts';
import type { Screen } from './screen.ts';

/** Whom a key means, and which keys there are. */
export function footerRows({ page, chosen }: Screen, columns: number): readonly Line[] {
  if (page === 'help') return [[span(' any key goes back to the cluster', 'dim')]];
  const whom = chosen ?? 'the primary';
  const names = columns >= 100 ? long : short;
  return [
    [],
    [span(` k f c mean ${whom}`, chosen === null ? 'dim' : 'ours'), span(' (1 2 3 choose a node)', 'dim')],
    names.flatMap(([key, name]) => [span(` ${key}`, 'bold'), span(` ${name}`, 'dim')]),
  ];
}

const short = [
  ['p', 'kill pg'],
  ['k', 'kill node'],
  ['f', 'freeze'],
  ['c', 'cut'],
  ['b', 'back'],
  ['s', 'switch'],
  ['z', 'pause'],
  ['q', 'quit'],
  ['?', 'help'],
] as const;

const long = [
  ['p', 'kill PostgreSQL'],
  ['k', 'kill node'],
  ['f', 'freeze agent'],
  ['c', 'cut off'],
  ['b', 'bring all back'],
  ['s', 'switchover'],
  ['z', 'pause'],
  ['q', 'quit'],
  ['?', 'help'],
] as const;
