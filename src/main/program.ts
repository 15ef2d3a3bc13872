import { Command, type CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addAgentCommand } from './agent-command.ts';
import type { ExecutableName } from './called-as.ts';
import { addOperatorCommands } from './operator-commands.ts';
import { addPlaygroundCommand } from './playground-command.ts';
import { addSimulateCommand } from './simulate-command.ts';

/**
 * The whole command line of `matriarch`; parsing an argv runs the command it names.
 *
 * A command's code is imported inside its action, with `import()`: nobody who asks for a list waits for the REST server,
 * the store client and the schemas to load (docs/adr/0005-bundle.md). `mainUrl` is `import.meta.url` of main.ts, beside
 * which the heartbeat and the guardian lie.
 */
export function program(mainUrl: string, calledAs: ExecutableName): Command {
  const root = new Command('matriarch')
    .description(manifest.description)
    .version(manifest.version, '--version')
    .option('-c, --config-file <file>', 'configuration of the command line: a file or a folder')
    .option('-d, --dcs-url <url>', 'the store: SCHEME://HOST:PORT/NAMESPACE')
    .option('-k, --insecure', 'do not verify certificates of the REST API', false)
    .exitOverride(leave);
  addAgentCommand(root, mainUrl);
  addReplay(root);
  addOperatorCommands(root, calledAs);
  addPlaygroundCommand(root);
  addSimulateCommand(root);
  return root;
}

/** Called in a way that cannot be understood is 2; 1 is for what was understood and failed (spec/ctl.md 3). */
function leave(error: CommanderError): never {
  process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
}

const EXIT_USAGE = 2;

function addReplay(root: Command): void {
  root
    .command('replay')
    .description('run a trace again and compare the decisions')
    .argument('<file>', 'what `matriarch agent --trace` wrote')
    .action(async (file: string) => {
      const { runReplay } = await import('./replay.ts');
      process.exit(runReplay(file));
    });
}
