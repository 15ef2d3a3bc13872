import type { Command } from 'commander';
import type { ExecutableName } from './called-as.ts';
import { addShowConfig } from './config-commands.ts';
import { addHistoryCommand } from './history-command.ts';
import { addListCommand } from './list-command.ts';
import { rootCommand, withManners } from './root-command.ts';
import { addDsnCommand } from './sql-commands.ts';
import { toolOf } from './tool-of.ts';
import { addTopologyCommand } from './topology-command.ts';

/** The program as far as it only reads the store. */
export function quickProgram(calledAs: ExecutableName): Command {
  const tool = toolOf(calledAs);
  const root = rootCommand(tool);
  addListCommand(root, tool);
  addTopologyCommand(root, tool);
  addHistoryCommand(root, tool);
  addShowConfig(root, tool);
  addDsnCommand(root, tool);
  return withManners(root, tool);
}
