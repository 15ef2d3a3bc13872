import { Command, type CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };

/** The program without any command: its name, its global options, and how wrong usage ends. */
export function rootCommand(): Command {
  return new Command('matriarch')
    .description(manifest.description)
    .version(manifest.version, '--version')
    .option('-c, --config-file <file>', 'configuration of the command line: a file or a folder')
    .option('-d, --dcs-url <url>', 'the store: SCHEME://HOST:PORT/NAMESPACE')
    .option('-k, --insecure', 'do not verify certificates of the REST API', false)
    .exitOverride(leave);
}

/** Called in a way that cannot be understood is 2; 1 is for what was understood and failed (spec/ctl.md 3). */
function leave(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
}

const EXIT_USAGE = 2;
