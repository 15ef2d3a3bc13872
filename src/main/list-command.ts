import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ListFormat, listFormats } from '../cli/list/formats.ts';

/** `list [CLUSTER...]`: the members of a cluster as the store knows them. */
export function addListCommand(program: Command): void {
  program
    .command('list')
    .description('show the members of a cluster: role, state, timeline, lag')
    .argument('[clusters...]', 'names of clusters; the configured scope when none is given')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(listFormats).default('pretty'))
    .option('-e, --extended', 'show columns without values, too', false)
    .option('-t, --timestamp', 'say when', false)
    .option('-W', 'repeat every 2 seconds', false)
    .option('-w, --watch <seconds>', 'repeat every so many seconds', seconds, 0)
    .action(async (clusters: readonly string[], options: Given, command: Command) => {
      const { runList } = await import('../cli/list/run-list.ts');
      const { createCommandLine, globalOptions } = await import('./command-line.ts');
      const everyMs = (options.watch > 0 ? options.watch : options.W ? 2 : 0) * 1000;
      process.exitCode = await runList(
        {
          ...globalOptions(command),
          clusters,
          format: options.format,
          extended: options.extended,
          timestamp: options.timestamp,
          repeat: everyMs > 0 ? { kind: 'every', milliseconds: everyMs } : { kind: 'once' },
        },
        createCommandLine(),
      );
    });
}

/** As commander hands the options over. */
type Given = {
  readonly format: ListFormat;
  readonly extended: boolean;
  readonly timestamp: boolean;
  readonly W: boolean;
  readonly watch: number;
};

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It is no span in seconds.');
  return value;
}
