import type { Command } from 'commander';
import { addAgentCommand } from './agent-command.ts';
import type { ExecutableName } from './called-as.ts';
import { addOperatorCommands } from './operator-commands.ts';
import { addPlaygroundCommand } from './playground-command.ts';
import { rootCommand, withManners } from './root-command.ts';
import { addSimulateCommand } from './simulate-command.ts';
import { toolOf } from './tool-of.ts';

/**
 * The whole command line of `matriarch`; parsing an argv runs the command it names.
 *
 * A command's code is imported inside its action, with `import()`: nobody who asks for a list waits for the REST server,
 * the store client and the schemas to load (docs/adr/0005-bundle.md). `mainUrl` is `import.meta.url` of main.ts, beside
 * which the heartbeat and the guardian lie.
 */
export function program(mainUrl: string, calledAs: ExecutableName): Command {
  const tool = toolOf(calledAs);
  const root = rootCommand(tool);
  addOperatorCommands(root, tool);
  if (tool === 'matriarch') {
    addAgentCommand(root, mainUrl);
    addReplay(root);
    addPlaygroundCommand(root);
    addSimulateCommand(root);
  }
  return withManners(root, tool);
}

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
