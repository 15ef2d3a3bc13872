import { type Line, span } from '../../terminal/line.ts';

/** What the keys do, what the figures mean, and how to get in. Fits 80 columns and 24 lines. */
export function helpRows(connections: readonly string[]): readonly Line[] {
  return [
    ...keys.map(([key, text]): Line => [span(` ${key.padEnd(6)}`, 'bold'), span(text)]),
    [],
    ...meanings.map((text): Line => [span(` ${text}`, 'dim')]),
    [],
    ...connections.map((text): Line => [span(` ${text}`)]),
  ];
}

const keys = [
  ['p', 'kill PostgreSQL of the primary; its agent starts it again'],
  ['k', 'kill a node: agent, guardian, PostgreSQL; another one takes over'],
  ['f', 'freeze an agent; its guardian fences PostgreSQL before the lease ends'],
  ['c', 'cut a node off from the others and the store, silently'],
  ['b', 'bring everything back: thaw, connect, start'],
  ['s', 'switchover: planned, loses nothing    z  pause or resume the agents'],
  ['1 2 3', 'whom the next k, f or c means (otherwise the primary); 0 undoes it'],
] as const;

const meanings = [
  'DOES is the rule that the agent acts by now (docs/rules.md has all of them).',
  'LAG is what a replica has not received. The lease is the right to be primary.',
] as const;
