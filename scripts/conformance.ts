/**
 * Which conformance cases have no test? The cases are those of the compatibility notes (the last section of each chapter,
 * kept beside this repository); a test shows a case when it carries its number in its name. A case without a test needs
 * its reason in docs/differences.md, and a case with one must have none there. Chapters that are still being worked
 * through are counted, and listed with `--all`.
 * And do the tests exist that the same page names for each weakness W1-W39?
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const page = 'docs/differences.md';
const heading = '## Conformance cases without a test';
const weaknesses = '## Weaknesses W1-W39';

type Chapter = { readonly name: string; readonly cases: readonly string[]; readonly isComplete: boolean };

const chapters: readonly Chapter[] = [
  { name: 'ha', cases: [...numbered(184, (n) => `CC${n}`), 'CC169a'], isComplete: true },
  { name: 'dcs', cases: numbered(74, (n) => `C-${String(n).padStart(2, '0')}`), isComplete: true },
  { name: 'config', cases: numbered(60, (n) => `CONF-${n}`), isComplete: false },
  { name: 'postgres', cases: numbered(78, (n) => `PG-${n}`), isComplete: false },
  { name: 'rest-api', cases: numbered(83, (n) => `REST-${n}`), isComplete: true },
  { name: 'ctl', cases: numbered(82, (n) => `CTL-${n}`), isComplete: true },
];
const cases = chapters.flatMap((each) => each.cases);

const tested = new Set(globSync('{src,test}/**/*.{test,suite}.ts', { cwd: root }).flatMap(namesIn).flatMap(casesIn));
const excused = readReasons().flatMap(casesIn);

const problems = [
  ...chapters.filter((each) => each.isComplete).flatMap(uncovered),
  ...excused.filter((each) => tested.has(each)).map((each) => `${each}: has a test, and a reason for having none`),
  ...excused.filter((each, at) => excused.indexOf(each) !== at).map((each) => `${each}: has two reasons`),
  ...[...tested, ...excused].filter((each) => !cases.includes(each)).map((each) => `${each}: there is no such case`),
  ...weaknessProblems(),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`Put the number of a case into the name of the test that shows it, or its reason into ${page}.`);
  process.exitCode = 1;
} else {
  for (const chapter of chapters) console.log(summary(chapter));
}

function uncovered({ cases }: Chapter): readonly string[] {
  return cases
    .filter((each) => !tested.has(each) && !excused.includes(each))
    .map((each) => `${each}: no test, no reason`);
}

function summary(chapter: Chapter): string {
  const { name, cases } = chapter;
  const shown = cases.filter((each) => tested.has(each)).length;
  const reasoned = cases.filter((each) => excused.includes(each)).length;
  const open = uncovered(chapter);
  const listed = process.argv.includes('--all') ? open.map((each) => `\n  ${each}`).join('') : '';
  const left = open.length === 0 ? '' : `, ${open.length} with neither${listed}`;
  return `${name}: ${cases.length} cases, ${shown} with a test, ${reasoned} with a reason in ${page}${left}`;
}

/** What stands in quotes: a number in a comment shows nothing. */
function namesIn(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return text.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`]*`/g) ?? [];
}

/** The cases that a text names, one by one or as a range: `CC145–CC164`. */
function casesIn(text: string): readonly string[] {
  const found = text.matchAll(/\b(CC|C-|CONF-|PG-|REST-|CTL-)(\d+)(a?)(?:[–-]\1(\d+))?\b/g);
  return [...found].flatMap(([, chapter = '', first = '', suffix = '', last = first]) =>
    numbered(Number(last) - Number(first) + 1, (n) => {
      const number = String(Number(first) + n - 1).padStart(chapter === 'C-' ? 2 : 1, '0');
      return `${chapter}${number}${suffix}`;
    }),
  );
}

/** The first column of the table of reasons. */
function readReasons(): readonly string[] {
  return [...sectionOf(heading).matchAll(/^\| ([^|]*) \|/gm)].map(([, first = '']) => first);
}

/** Each weakness has one row, and what is called closed names its tests as they are called. */
function weaknessProblems(): readonly string[] {
  const rows = sectionOf(weaknesses).match(/^\| W\d+ \|.*$/gm) ?? [];
  const told = rows.map((row) => /W\d+/.exec(row)?.[0] ?? '');
  const missing = numbered(39, (n) => `W${n}`).filter((each) => told.filter((one) => one === each).length !== 1);
  return [...missing.map((each) => `${each}: needs one row in ${page}`), ...rows.flatMap(rowProblems)];
}

function rowProblems(row: string): readonly string[] {
  const [name = '', status = ''] = row.split(' | ').map((cell) => cell.replace(/^\| /, ''));
  const tests = [...row.matchAll(/\]\(\.\.\/([^)]+)\) “([^”]+)”/g)];
  if (tests.length === 0) return status.startsWith('closed') ? [`${name}: is closed, and no test is named`] : [];
  return tests
    .filter(([, file = '', test = '']) => !readFileSync(join(root, file), 'utf8').includes(test))
    .map(([, file = '', test = '']) => `${name}: ${file} has no test “${test}”`);
}

function sectionOf(title: string): string {
  return readFileSync(join(root, page), 'utf8').split(title)[1]?.split(/^## /m)[0] ?? '';
}

function numbered(count: number, name: (n: number) => string): readonly string[] {
  return Array.from({ length: count }, (_, at) => name(at + 1));
}
