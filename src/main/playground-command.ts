import { createWriteStream, existsSync, openSync, type WriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Write } from '../playground/probe/probe-client.ts';
import type { ScriptRequest } from '../playground/run-script.ts';
import type { World } from '../playground/world.ts';
import { Interrupted, interruptions } from './interruptions.ts';
import { machineWorld, programPath } from './machine-world.ts';
import { colorsOf, isTerminal } from './own-terminal.ts';

/** `playground`: three nodes on this machine to watch and to break, live in the terminal or by a script. */
export function addPlaygroundCommand(program: Command): void {
  program
    .command('playground')
    .description('a cluster of three on this machine, to watch and to break; leaves nothing behind')
    .option('--script <commands>', 'do this instead of asking the keyboard: "kill-node leader; wait healed 30s"')
    .option('--seed <number>', 'a session drawn from this number: every key, in any order', whole)
    .option('--actions <count>', 'how many key presses and waits --seed draws', whole, 30)
    .option('--json', 'say what happens as lines of JSON (without a terminal)', false)
    .option('--keep', 'keep the data directories and the logs', false)
    .option('--state-dir <folder>', 'where everything lies meanwhile')
    .option('--write-log <file>', 'each acknowledged write: sent and acknowledged (milliseconds), number, node')
    .action(async (options: Given, command: Command) => {
      process.exitCode = await run(options, command);
    });
}

type Given = {
  readonly script?: string;
  readonly seed?: number;
  readonly actions: number;
  readonly json: boolean;
  readonly keep: boolean;
  readonly stateDir?: string;
  readonly writeLog?: string;
};

/** What is played where nobody is at the keyboard. */
const DEMONSTRATION = 'wait 1s; kill-node leader; wait healed 60s; wait 1s; bring-back; wait healed 60s';

async function run(given: Given, command: Command): Promise<number> {
  if (given.script !== undefined && given.seed !== undefined) {
    return command.error('error: --script says what to do, and so does --seed: give one of them');
  }
  if (given.seed === undefined && command.getOptionValueSource('actions') === 'cli') {
    return command.error('error: --actions counts what --seed draws: give a --seed, too');
  }
  const writes = given.writeLog === undefined ? null : openWriteLog(given.writeLog, command);
  const interruption = interruptions();
  const common = {
    searchPath: programPath(),
    folder: resolve(given.stateDir ?? join(tmpdir(), `matriarch-playground-${process.geteuid?.() ?? 0}`)),
    files: given.keep ? ('keep' as const) : ('remove' as const),
    onWrite: ({ sentAt, at, number, node }: Write) =>
      writes?.write(`${sentAt.toFixed(1)} ${at.toFixed(1)} ${number} ${node}\n`),
    command: ownCommand(),
  };
  const isScripted = given.script !== undefined || given.seed !== undefined || given.json;
  try {
    return isScripted || !isTerminal()
      ? await runScripted(given, { common, command, interruption })
      : await runInTerminal({ common, interruption });
  } catch (error) {
    console.error(`matriarch: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof Interrupted ? error.exitCode : 1;
  } finally {
    writes?.end();
  }
}

/** Before anything is started. */
function openWriteLog(file: string, command: Command): WriteStream {
  try {
    return createWriteStream(file, { fd: openSync(file, 'w') });
  } catch (error) {
    return command.error(`error: --write-log: ${error instanceof Error ? error.message : String(error)}`);
  }
}

type Common = Pick<ScriptRequest, 'searchPath' | 'folder' | 'files' | 'onWrite' | 'command'>;

async function runScripted(
  given: Given,
  { common, command, interruption }: { common: Common; command: Command; interruption: World['interruption'] },
): Promise<number> {
  const { parseScript } = await import('../playground/script/parse-script.ts');
  const { randomSession } = await import('../playground/script/random-session.ts');
  const { runScript } = await import('../playground/run-script.ts');
  const { textPrinter } = await import('../playground/output/text-printer.ts');
  const { jsonPrinter } = await import('../playground/output/json-printer.ts');
  const script = parseScript(given.script ?? DEMONSTRATION);
  if (script.kind === 'invalid') return command.error(`error: --script: ${script.problem}`);
  const outcome = await runScript(machineWorld({ interruption, script: resolve(process.argv[1] ?? '') }), {
    ...common,
    ...(given.seed === undefined
      ? { commands: script.commands, refusals: 'matter' as const }
      : { commands: randomSession({ seed: given.seed, actions: given.actions }), refusals: 'are-fine' as const }),
    printer: given.json
      ? jsonPrinter({ print: console.log, wallNow: () => Date.now() })
      : textPrinter({ print: console.log, wallFrom: Date.now() }),
  });
  return outcome === 'good' ? 0 : 1;
}

async function runInTerminal({
  common,
  interruption,
}: {
  common: Common;
  interruption: World['interruption'];
}): Promise<number> {
  const { runView } = await import('../playground/run-view.ts');
  await runView(machineWorld({ interruption, script: resolve(process.argv[1] ?? '') }), {
    ...common,
    onKept: (folder) => console.log(`Kept: ${folder}`),
    input: process.stdin,
    output: process.stdout,
    colors: colorsOf(process.stdout),
    atExit: (restore) => process.once('exit', restore),
  });
  return 0;
}

/** As somebody in this folder would type it. */
function ownCommand(): string {
  const launcher = join(dirname(resolve(process.argv[1] ?? '')), '..', 'bin', 'matriarch');
  if (!existsSync(launcher)) return 'matriarch';
  const near = relative(process.cwd(), launcher);
  return near.startsWith('..') ? launcher : near;
}

function whole(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is no whole number.');
}
