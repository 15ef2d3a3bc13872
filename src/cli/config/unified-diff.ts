/**
 * The difference of two texts, line by line, with three lines around each change, as `diff -u` has it. Empty when they are
 * equal. The two header lines name no files.
 */
export function unifiedDiff(before: string, after: string): readonly string[] {
  const steps = compare(linesOf(before), linesOf(after));
  const hunks = hunksOf(steps);
  return hunks.length === 0 ? [] : ['--- ', '+++ ', ...hunks.flatMap((hunk) => [heading(hunk), ...hunk.map(shown)])];
}

/** `from` and `to`: how many lines of either text come before this one. */
type Step = { readonly sign: ' ' | '-' | '+'; readonly text: string; readonly from: number; readonly to: number };

const CONTEXT = 3;

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Along a longest common subsequence; configurations are some hundred lines. What goes comes before what is new. */
function compare(before: readonly string[], after: readonly string[]): readonly Step[] {
  const lengths = commonLengths(before, after);
  const length = (from: number, to: number): number => lengths[from]?.[to] ?? 0;
  const steps: Step[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const [old, next] = [before[from], after[to]];
    if (old !== undefined && old === next) {
      steps.push({ sign: ' ', text: old, from, to });
      from += 1;
      to += 1;
    } else if (old !== undefined && (next === undefined || length(from + 1, to) >= length(from, to + 1))) {
      steps.push({ sign: '-', text: old, from, to });
      from += 1;
    } else {
      steps.push({ sign: '+', text: next ?? '', from, to });
      to += 1;
    }
  }
  return steps;
}

/** `[from][to]`: how much of both texts is common from there on. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly (readonly number[])[] {
  const table: number[][] = Array.from({ length: before.length + 1 }, () => []);
  for (let from = before.length - 1; from >= 0; from -= 1) {
    const [row, below] = [table[from] ?? [], table[from + 1] ?? []];
    for (let to = after.length - 1; to >= 0; to -= 1) {
      row[to] = before[from] === after[to] ? (below[to + 1] ?? 0) + 1 : Math.max(below[to] ?? 0, row[to + 1] ?? 0);
    }
  }
  return table;
}

/** Changes with their surroundings; those whose surroundings touch are one. */
function hunksOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const spans: { start: number; end: number }[] = [];
  steps.forEach(({ sign }, index) => {
    if (sign === ' ') return;
    const span = { start: Math.max(0, index - CONTEXT), end: Math.min(steps.length, index + 1 + CONTEXT) };
    const last = spans.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = span.end;
    else spans.push(span);
  });
  return spans.map(({ start, end }) => steps.slice(start, end));
}

/** `@@ -1,3 +1,4 @@`: where the hunk begins in either text, and how long it is; a length of one is not written. */
function heading(hunk: readonly Step[]): string {
  const [first] = hunk;
  const side = (sign: '-' | '+', start: number): string => {
    const count = hunk.filter((each) => each.sign === ' ' || each.sign === sign).length;
    // An empty side is named by the line before it.
    const line = count === 0 ? start : start + 1;
    return `${sign}${line}${count === 1 ? '' : `,${count}`}`;
  };
  return `@@ ${side('-', first?.from ?? 0)} ${side('+', first?.to ?? 0)} @@`;
}

function shown({ sign, text }: Step): string {
  return `${sign}${text}`;
}
