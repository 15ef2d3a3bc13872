import { env } from 'node:process';
import { loadAgentConfig } from '../wire/config/load.ts';
import { describeProblem, readLocalDocument } from '../wire/config/local-document.ts';
import { describeFinding } from '../wire/validate/check.ts';
import { validate } from '../wire/validate/schema.ts';
import { renderYaml } from '../wire/yaml-text.ts';
import { findConfiguration } from './configuration-source.ts';
import { withAnswers } from './machine-checks.ts';

/**
 * `--validate-config`: say what is wrong with a configuration, as Patroni's validator does, then what would keep this agent
 * from starting with it. Nothing is said when nothing is wrong.
 * @returns the exit status
 * @see spec/config.md 11
 */
export async function runValidate(options: {
  readonly file: string | null;
  /** `-i`: whoever listens at the configured addresses may be the agent that has this configuration. */
  readonly ignoreListenPorts: boolean;
  /** `-p` */
  readonly print: boolean;
}): Promise<number> {
  const complain = (lines: readonly string[]): number => {
    process.stderr.write(`${lines.join('\n')}\n`);
    return 1;
  };
  const found = findConfiguration(options.file, env);
  if (found.kind === 'unreadable') return complain([describeProblem(found.problem)]);
  const read = readLocalDocument(found.source);
  // An empty configuration is one in which everything is missing.
  if (read.kind === 'invalid' && read.problem.reason !== 'empty') return complain([describeProblem(read.problem)]);
  const document = read.kind === 'read' ? read.document : {};
  const ports = options.ignoreListenPorts ? 'may-be-taken' : 'have-to-be-free';
  const findings = await withAnswers(env['PATH'] ?? '', (machine) => validate(document, machine, ports));
  const absent = read.kind === 'invalid' ? [describeProblem(read.problem)] : [];
  if (findings.length > 0) return complain([...absent, ...findings.map(describeFinding)]);
  const loaded = loadAgentConfig(found.source);
  if (loaded.kind === 'invalid') return complain(loaded.problems.map(describeProblem));
  for (const notice of loaded.config.notices) process.stderr.write(`warning: ${notice}\n`);
  if (options.print) process.stdout.write(renderYaml(document));
  return 0;
}
