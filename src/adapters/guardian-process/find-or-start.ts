import { type ChildProcess, spawn } from 'node:child_process';
import type { GuardianReport } from '../../ports/guardian.ts';
import { connectToGuardian, type GuardianConnection } from './connect.ts';

export type GuardianProgram = {
  /** The socket it listens at. */
  readonly socketPath: string;
  /** Executable and arguments. */
  readonly command: string;
  readonly args: readonly string[];
  /** The socket's directory may have gone since the agent started. @returns why there is none; `null`: it is there. */
  makeRoom(): string | null;
  /** End guardians of this data directory that nothing reaches any more. */
  endStrays(): readonly number[];
};

/** From starting it to its first word on a busy machine. */
const START_LIMIT_MS = 3_000;

/**
 * The guardian of the data directory: the living one if there is one (it is armed, perhaps), else a new one.
 * @returns `null` when none could be had; why was reported as `lost`.
 */
export async function findOrStartGuardian(
  program: GuardianProgram,
  onReport: (report: GuardianReport) => void,
): Promise<GuardianConnection | null> {
  const living = await connectToGuardian(program.socketPath, onReport);
  if (typeof living !== 'string') return living;
  const started = await startAnew(program).catch(whyNotStarted);
  const fresh = started === 'listening' ? await connectToGuardian(program.socketPath, onReport) : started;
  if (typeof fresh !== 'string') return fresh;
  onReport({ kind: 'lost', reason: `no guardian: ${fresh}` });
  return null;
}

async function startAnew(program: GuardianProgram): Promise<string> {
  const noRoom = program.makeRoom();
  if (noRoom !== null) return noRoom;
  // A frozen one would fence by a deadline long replaced, as soon as it thaws.
  program.endStrays();
  return start(program);
}

/**
 * Start it in a session of its own, so that it outlives the agent and gets none of the terminal's signals. It keeps
 * nothing of ours open but a pipe on which it says, once, that it listens.
 */
function start({ command, args }: GuardianProgram): Promise<string> {
  return new Promise((resolve) => {
    // Where no file handle is left it comes without streams, and with its error.
    const child: ChildProcess = spawn(command, args, { detached: true, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
    const finish = (outcome: string): void => {
      clearTimeout(tooLate);
      child.stdout?.destroy();
      child.removeAllListeners();
      // An error that comes now was answered by this outcome already.
      child.on('error', () => undefined);
      child.unref();
      resolve(outcome);
    };
    let why = 'it did not start in time';
    const tooLate = setTimeout(() => finish(why), START_LIMIT_MS);
    child.on('error', (error) => finish(`it could not be started: ${error.message}`));
    child.on('exit', (code, signal) => finish(`it ended at its start (${String(code ?? signal)})`));
    child.stdout?.on('data', (chunk) => {
      const word = String(chunk).trim();
      if (word === 'listening') finish(word);
      // What keeps it from that mostly lasts: told when its time is up, and not tried again all the time.
      else why = word;
    });
  });
}

/** Some of what the system refuses (no memory, a path through a file) Node throws at once. */
function whyNotStarted(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) throw error;
  return `it could not be started: ${error.message}`;
}
