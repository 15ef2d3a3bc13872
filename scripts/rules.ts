/**
 * `npm run docs:rules [-- --check]`: docs/rules.md from the table of rules; with `--check` only says whether it is current.
 * Either way every rule must name a file that exists and be concluded somewhere.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rules } from '../src/decide/rules.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs/rules.md');
const all = Object.entries(rules).map(([name, { question, says }]) => ({ name, question, says }));

const complaints = [...missingFiles(), ...neverConcluded()];
if (process.argv.includes('--check')) {
  const current = existsSync(page) ? readFileSync(page, 'utf8') : '';
  if (current !== text()) complaints.push('docs/rules.md is not what the rules say: npm run docs:rules');
} else {
  writeFileSync(page, text());
}
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length > 0 ? 1 : 0;

function text(): string {
  const questions = Map.groupBy(all, ({ question }) => question);
  const sections = [...questions].map(([question, answers]) =>
    [
      `## ${question}`,
      '',
      `[src/decide/${question}.ts](../src/decide/${question}.ts)`,
      '',
      '| rule | says |',
      '|---|---|',
      ...answers.map(({ name, says }) => `| \`${name}\` | ${says.replaceAll('|', '\\|')} |`),
      '',
    ].join('\n'),
  );
  return [
    '# Rules',
    '',
    'Every decision of the agent names one of these rules: in the log, in the history, in `GET /decision` and in',
    '`matriarch why`. A name never changes its meaning. Generated from `src/decide/rules.ts` by `npm run docs:rules`.',
    '',
    ...sections,
  ].join('\n');
}

function missingFiles(): string[] {
  return all
    .filter(({ question }) => !existsSync(join(root, 'src/decide', `${question}.ts`)))
    .map(({ name, question }) => `rule ${name}: there is no src/decide/${question}.ts`);
}

function neverConcluded(): string[] {
  const code = globSync('src/{decide,agent}/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('.test.ts') && file !== 'src/decide/rules.ts')
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
  return all.filter(({ name }) => !code.includes(`'${name}'`)).map(({ name }) => `rule ${name}: nothing concludes it`);
}
