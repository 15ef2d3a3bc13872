import { Command, type CommanderError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { Tool } from '../cli/tool.ts';

/** The program without any command: its name, its global options, and how wrong usage ends. */
export function rootCommand(tool: Tool): Command {
  const root = new Command(tool)
    .description(manifest.description)
    // `query` has a -c and a -d of its own.
    .enablePositionalOptions()
    .exitOverride(leave);
  for (const option of globalOptions()) root.addOption(option);
  return tool === 'patronictl' ? root.helpCommand(false) : root.version(manifest.version, '--version');
}

/**
 * Patroni's tool takes its global options before the command only, and words its complaints in its own way; ours takes
 * them behind the command, too, unless they mean something else there.
 */
export function withManners(root: Command, tool: Tool): Command {
  for (const command of [root, ...root.commands]) {
    if (tool === 'patronictl') {
      command.showSuggestionAfterError(false).configureOutput({
        outputError: (text, write) => {
          write(complaint(command, text));
        },
      });
    } else if (command !== root) acceptGlobals(command);
  }
  return root;
}

function globalOptions(): readonly Option[] {
  return [
    new Option('-c, --config-file <file>', 'configuration of the command line: a file or a folder'),
    new Option('-d, --dcs-url <url>', 'the store: SCHEME://HOST:PORT/NAMESPACE'),
    new Option('--dcs <url>', 'the same').hideHelp(),
    new Option('-k, --insecure', 'do not verify certificates of the REST API').default(false),
  ];
}

/** By its long name alone where the short one means something else there (`query -c`). */
function acceptGlobals(command: Command): void {
  const taken = new Set(command.options.flatMap(({ short, long }) => [short, long]));
  for (const option of globalOptions()) {
    const { flags, description, short, long } = option;
    const isShortTaken = short !== undefined && taken.has(short);
    const free = isShortTaken ? new Option(flags.replace(`${short}, `, ''), description) : option;
    if (!taken.has(long)) command.addOption(free.hideHelp());
  }
}

/** Usage, where help is, and what is wrong, as click prints it. */
function complaint(command: Command, text: string): string {
  const path = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  const what = text.replace(/^error: /, '').replace(/^./, (first) => first.toUpperCase());
  return `Usage: ${path} ${command.usage()}\nTry '${path} --help' for help.\n\nError: ${what}`;
}

/** Called in a way that cannot be understood is 2; 1 is for what was understood and failed (spec/ctl.md 3). */
function leave(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
}

const EXIT_USAGE = 2;
