import { formatLsn, type Lsn } from '../../domain/lsn.ts';
import { lagText } from '../../terminal/figures.ts';
import { type Line, type Style, span } from '../../terminal/line.ts';
import { tableRow } from '../../terminal/table.ts';
import type { MemberFacts } from './member-facts.ts';

/** The table of members; the leader is in it, however few rows there are. */
export function memberRows(
  facts: readonly MemberFacts[],
  { lastLsn, columns, rows }: { readonly lastLsn: Lsn | null; readonly columns: number; readonly rows: number },
): readonly Line[] {
  const widths = widthsFor(facts, columns);
  const leader = facts.find(({ holdsLock }) => holdsLock) ?? null;
  const shown = facts.length <= rows ? facts : chosen(facts, { leader, count: Math.max(1, rows - 1) });
  const more = facts.length - shown.length;
  const leaderLsn = leader?.lsn ?? lastLsn;
  return [
    tableRow(['', 'MEMBER', 'ROLE', 'STATE', 'TL', 'LSN', 'LAG', 'DOES'], { widths, style: 'dim' }),
    ...shown.map((each) => memberRow(each, { leaderLsn, widths })),
    ...(more === 0 ? [] : [[span(`   and ${more} more: the screen is too low`, 'dim')]]),
  ];
}

function chosen(
  facts: readonly MemberFacts[],
  { leader, count }: { readonly leader: MemberFacts | null; readonly count: number },
): readonly MemberFacts[] {
  const others = facts.filter((each) => each !== leader).slice(0, leader === null ? count : count - 1);
  return facts.filter((each) => each === leader || others.includes(each));
}

/** A wide screen has room for longer names and states. */
function widthsFor(facts: readonly MemberFacts[], columns: number): readonly number[] {
  const isWide = columns >= 100;
  const longest = Math.max('MEMBER'.length, ...facts.map(({ name }) => name.length));
  const name = Math.min(longest, isWide ? 32 : 14) + 1;
  const fixed = isWide ? [3, name, 20, 24, 4, 12, 10] : [3, name, 15, 13, 4, 11, 9];
  return [...fixed, Math.max(8, columns - fixed.reduce((sum, each) => sum + each, 0))];
}

function memberRow(
  facts: MemberFacts,
  { leaderLsn, widths }: { readonly leaderLsn: Lsn | null; readonly widths: readonly number[] },
): Line {
  const { holdsLock, name, role, state, timeline, lsn } = facts;
  const cells = [
    holdsLock ? ' *' : '',
    name,
    role,
    state,
    String(timeline ?? ''),
    lsn === null ? '' : formatLsn(lsn),
    holdsLock ? '' : lsn === null || leaderLsn === null ? '?' : lagText({ ahead: leaderLsn, behind: lsn }),
    doesText(facts),
  ];
  return tableRow(cells, { widths, style: styleOf(facts) });
}

function doesText({ doing, isSilent, hasKey }: MemberFacts): string {
  if (isSilent) return hasKey ? 'no answer' : '';
  return [doing?.rule, doing?.waitsFor].filter((each) => each !== undefined && each !== null).join(': ');
}

function styleOf({ hasKey, isSilent, holdsLock }: MemberFacts): Style {
  if (!hasKey) return 'bad';
  if (isSilent) return 'dim';
  return holdsLock ? 'bold' : 'plain';
}
