import type { Upstream } from '../../../domain/desired-postgres.ts';
import type { ReplicaMethod } from '../../../domain/replica-method.ts';
import { conninfoText } from '../connection/conninfo.ts';
import { upstreamTarget } from '../files/recovery-settings.ts';
import { readText } from '../files/write-file.ts';
import type { Instance } from '../instance.ts';
import { type Environment, scriptEnvironment } from '../process/environment.ts';
import { operatorCommand } from '../process/operator-command.ts';
import { lastWords, runTool, type ToolOutcome } from '../process/tool.ts';
import { MAJOR_MIN, majorOf } from '../version.ts';
import type { CopyAttempt, CopyContext } from './copy-attempt.ts';
import { makeRoom } from './make-room.ts';
import { withPasswordFile } from './password-file.ts';

type Method = Extract<ReplicaMethod, { kind: 'command' }>;

/**
 * Copy by an operator's own command (spec/postgres.md 10). It gets its section's settings and, unless `no_params` is
 * set, scope, role, data directory and a conninfo string without a password, which is in the file that PGPASSFILE names.
 * Nor does that bear the member's name (`base-backup.ts`).
 */
export async function copyByCommand(
  instance: Instance,
  method: Method,
  call: { readonly from: Upstream | null; readonly context: CopyContext },
): Promise<CopyAttempt> {
  const { postgres } = instance.config;
  const program = operatorCommand(method.command);
  if (program === null) return failed(method, `"${method.command}" is no command`, '');
  await makeRoom(postgres.dataDir, method.keepsData ? 'kept' : 'emptied');
  call.context.progress(`copying by ${method.name}`);
  const run = (more: Environment, connstring: string): Promise<ToolOutcome> =>
    runTool({
      command: program.command,
      args: [...program.args, ...copyArguments(method, { ...postgres, scope: instance.config.scope, connstring })],
      // There it is found and ended like PostgreSQL itself, should this agent die.
      directory: postgres.dataDir,
      environment: { ...scriptEnvironment(instance.environment), ...more },
      signal: call.context.signal,
    });
  const outcome = await (call.from === null ? run({}, '') : withSource(instance, call.from, run));
  if (outcome.kind === 'cancelled') return outcome;
  if (outcome.kind === 'unstartable') return failed(method, outcome.reason, '');
  if (outcome.code !== 0) return failed(method, `exit code ${outcome.code ?? '?'}`, lastWords(outcome));
  const version = await readText(`${postgres.dataDir}/PG_VERSION`);
  return version === null ? failed(method, 'it left no data directory of PostgreSQL', '') : { kind: 'copied' };
}

/** What the command is told; with `no_params` only its own settings. */
function copyArguments(
  method: Pick<Method, 'options' | 'tellsPlace'>,
  place: { readonly scope: string; readonly dataDir: string; readonly connstring: string },
): readonly string[] {
  if (!method.tellsPlace) return method.options;
  const { scope, dataDir, connstring } = place;
  return [
    ...method.options,
    `--scope=${scope}`,
    '--role=replica',
    `--datadir=${dataDir}`,
    `--connstring=${connstring}`,
  ];
}

async function withSource(
  instance: Instance,
  from: Upstream,
  run: (more: Environment, connstring: string) => Promise<ToolOutcome>,
): Promise<ToolOutcome> {
  const { postgres } = instance.config;
  const target = upstreamTarget(from, postgres.replication);
  const { version } = await instance.readProgram();
  const connstring = conninfoText(target, version === null ? MAJOR_MIN : majorOf(version), {
    ...(from.readWrite === true ? { target_session_attrs: 'read-write' } : {}),
  });
  return withPasswordFile(postgres, target, (more) => run(more, connstring));
}

function failed({ name }: Method, why: string, detail: string): CopyAttempt {
  return { kind: 'failed', reason: `method ${name}: ${why}`, detail };
}
