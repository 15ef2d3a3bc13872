import { reasonOf } from '../errors.ts';
import type { Instance } from '../instance.ts';
import { scriptEnvironment } from '../process/environment.ts';
import { operatorCommand } from '../process/operator-command.ts';
import { lastLines, runTool } from '../process/tool.ts';

/** How an operator's command ended: `refused` is its own word, or that it could not be run. */
export type ScriptEnd =
  | { readonly kind: 'passed' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'cancelled' };

/** Run `pre_promote` or `before_stop` to its end, without arguments of ours (spec/postgres.md 15). */
export async function runScript(
  instance: Instance,
  script: { readonly name: string; readonly text: string },
  signal: AbortSignal,
): Promise<ScriptEnd> {
  const { name } = script;
  const program = operatorCommand(script.text);
  if (program === null) return { kind: 'refused', reason: `${name}: "${script.text}" is no command` };
  const outcome = await runTool({
    ...program,
    environment: scriptEnvironment(instance.environment),
    mayLeaveOthers: true,
    signal,
  }).catch((error: unknown) => ({ kind: 'unstartable', reason: reasonOf(error) }) as const);
  if (outcome.kind === 'cancelled') return outcome;
  if (outcome.kind === 'unstartable') return { kind: 'refused', reason: `${name}: ${outcome.reason}` };
  if (outcome.code === 0) return { kind: 'passed' };
  const words = lastLines(outcome.stderr, 1);
  const because = words === '' ? '' : `: ${words}`;
  return { kind: 'refused', reason: `${name}: exit code ${outcome.code ?? '?'}${because}` };
}
