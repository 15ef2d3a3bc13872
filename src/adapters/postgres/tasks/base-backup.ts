import type { Upstream } from '../../../domain/desired-postgres.ts';
import type { ReplicaMethod } from '../../../domain/replica-method.ts';
import type { Millis } from '../../../domain/time.ts';
import { toolPath } from '../binaries.ts';
import { conninfoText, mortal } from '../connection/conninfo.ts';
import { adviceForLogin } from '../connection/refused-login.ts';
import { upstreamTarget } from '../files/recovery-settings.ts';
import type { Instance } from '../instance.ts';
import { toolEnvironment } from '../process/environment.ts';
import { lastLines, runTool } from '../process/tool.ts';
import { features, MAJOR_MIN, majorOf } from '../version.ts';
import { pause } from '../wait.ts';
import type { CopyAttempt, CopyContext } from './copy-attempt.ts';
import { makeRoom } from './make-room.ts';
import { withPasswordFile } from './password-file.ts';

const ATTEMPTS = 2;
const BETWEEN_ATTEMPTS_MS = 1_000;

/**
 * Copy a running server with pg_basebackup, into an empty directory; twice, since a network may stumble. Not under the
 * member's name: it confirms the WAL that it receives, and commits that wait for that name would be acknowledged by it.
 */
export async function copyByBaseBackup(
  instance: Instance,
  method: Extract<ReplicaMethod, { kind: 'basebackup' }>,
  call: { readonly from: Upstream; readonly patience: Millis; readonly context: CopyContext },
): Promise<CopyAttempt> {
  const { from, context } = call;
  const { postgres } = instance.config;
  const target = upstreamTarget(from, postgres.replication);
  const { version } = await instance.readProgram();
  const major = version === null ? MAJOR_MIN : majorOf(version);
  const conninfo = conninfoText(target, major, {
    ...(from.readWrite === true ? { target_session_attrs: 'read-write' } : {}),
    ...mortal(call.patience),
  });
  const args = [
    `--pgdata=${postgres.dataDir}`,
    '-X',
    'stream',
    `--dbname=${conninfo}`,
    '--progress',
    ...basebackupOptions(method.options, major),
  ];

  return withPasswordFile(postgres, target, async (more): Promise<CopyAttempt> => {
    // Of both: what the first one leaves of a tablespace is all that the second one complains of.
    const words = new Set<string>();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (attempt > 1) await pause(BETWEEN_ATTEMPTS_MS, context.signal);
      if (context.signal.aborted) return { kind: 'cancelled' };
      await makeRoom(postgres.dataDir, 'emptied');
      const outcome = await runTool({
        command: toolPath(postgres, 'pg_basebackup'),
        // There it is found and ended like PostgreSQL itself, should this agent die.
        directory: postgres.dataDir,
        args,
        environment: toolEnvironment(instance.environment, more),
        signal: context.signal,
        onLine: (line) => note(line, context),
      });
      if (outcome.kind === 'cancelled') return outcome;
      if (outcome.kind === 'exited' && outcome.code === 0) return { kind: 'copied' };
      words.add(outcome.kind === 'unstartable' ? outcome.reason : lastLines(readable(outcome.stderr)));
    }
    const what = `pg_basebackup as ${postgres.replication.username} from ${from.host}:${from.port}`;
    return { kind: 'failed', reason: `${what} failed`, detail: withAdvice([...words].join('\n')) };
  });
}

/**
 * The configured options. A fast checkpoint unless they say otherwise: without one, the copy would wait for the source's
 * next regular checkpoint, minutes. Compression on our side would make an archive of the copy; only the server's own
 * may stay (spec/config.md 9.10).
 */
export function basebackupOptions(options: readonly string[], major: number): readonly string[] {
  const usable = options.filter(
    (option) =>
      !option.startsWith('--compress') ||
      (features.basebackupServerCompression(major) && option.startsWith('--compress=server')),
  );
  return usable.some((option) => option.startsWith('--checkpoint')) ? usable : ['--checkpoint=fast', ...usable];
}

function withAdvice(words: string): string {
  const advice = adviceForLogin(words);
  return advice === null ? words : `${words}\n${advice}`;
}

function note(line: string, context: CopyContext): void {
  const percent = /\((\d+)%\)/.exec(line)?.[1];
  if (percent !== undefined) context.progress(`pg_basebackup ${percent} %`);
}

/** Without the progress, and without the name of a password file that is gone by now. */
function readable(text: string): string {
  return text
    .split(/[\r\n]+/)
    .filter((line) => !/\(\d+%\)|^password retrieved from file/.test(line))
    .join('\n');
}
