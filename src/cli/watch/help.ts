import { type Line, span } from '../../terminal/line.ts';

/** What the figures mean. Fits 80 columns and 24 lines. */
export function helpRows(): readonly Line[] {
  return meanings.flatMap(([name, ...texts]) => texts.map((text, index) => row(index === 0 ? name : '', text)));
}

function row(name: string, text: string): Line {
  return [span(` ${name.padEnd(8)}`, 'bold'), span(text)];
}

const meanings = [
  ['*', 'has the lock: it leads'],
  ['ROLE', 'what its PostgreSQL is, as its agent says; its key, if that does not answer'],
  [
    'STATE',
    '"gone": its key ended with its lease; "no key": the same, but its agent',
    'still answers (is it cut off from the store?)',
  ],
  ['LAG', 'what it has not received of what the leader has written'],
  [
    'DOES',
    'the rule that its agent acts by, and what it waits for: docs/rules.md',
    "has all of them; Patroni's agents do not say",
  ],
  ['lease', 'the right to be primary, as its holder last said; nobody else takes it', 'before it has ended'],
  ['', ''],
  ['why', '"matriarch why MEMBER" tells more of how a member came to its role'],
  ['why-not', '"matriarch why-not MEMBER" says whether it could lead'],
  ['history', '"matriarch history" has the timelines of long ago'],
] as const;
