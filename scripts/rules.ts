/** Writes docs/rules.md from the table of rules; with --check only compares, and fails when they differ. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../src/decide/rules.ts';

const root = join(import.meta.dirname, '..');
const file = join(root, 'docs/rules.md');

/** Tests are searched for rule names, so that a reader finds an example of each rule. */
const testFiles = ['src/decide', 'src/agent', 'test/simulation', 'test/e2e'].flatMap((folder) => {
  try {
    return readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.test.ts'))
      .toSorted()
      .map((name) => ({ name, path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }));
  } catch {
    return [];
  }
});

const text = page();
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error(
    'docs/rules.md does not say what src/decide/rules.ts says: run `npm run docs:rules` and commit the result',
  );
  process.exitCode = 1;
}

function page(): string {
  const questions = [...new Set(Object.values(rules).map((each) => each.question))];
  return [
    '# Rules',
    '',
    'Every decision names one of these rules: in the log, in `GET /decision`, in the history, in tests. A name keeps its',
    'meaning for ever. Each question is one file in `src/decide`; `src/decide/decide.ts` asks them in order.',
    '',
    'This page is made from `src/decide/rules.ts` by `npm run docs:rules`.',
    '',
    ...questions.flatMap(section),
  ].join('\n');
}

function section(question: string): readonly string[] {
  const mine = Object.entries(rules).filter(([, each]) => each.question === question);
  return [
    `## [${question}](../src/decide/${question}.ts)`,
    '',
    ...(purposeOf(question) === null ? [] : [purposeOf(question) ?? '', '']),
    '| rule | says | tests that name it |',
    '|---|---|---|',
    ...mine.map(([name, each]) => `| \`${name}\` | ${each.says} | ${testsNaming(name)} |`),
    '',
  ];
}

/** The first sentence of the comment above the file's exported function. */
function purposeOf(question: string): string | null {
  const source = readFileSync(join(root, `src/decide/${question}.ts`), 'utf8');
  const comment = /\/\*\*([^/]*(?:\/(?!\*)[^/]*)*?)\*\/\s*export function/.exec(source)?.[1];
  if (comment === undefined) return null;
  return comment
    .replace(/\s*\n\s*\*\s?/g, ' ')
    .replace(/^\s*\*?\s*/, '')
    .trim();
}

function testsNaming(rule: string): string {
  const naming = testFiles.filter((each) => each.text.includes(`'${rule}'`));
  return naming.length === 0 ? '–' : naming.map((each) => `[${each.name}](../${each.path})`).join(', ');
}
