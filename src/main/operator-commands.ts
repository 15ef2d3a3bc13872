import type { Command } from 'commander';
import type { Tool } from '../cli/tool.ts';
import { addConfigCommands } from './config-commands.ts';
import { addHandoverCommands } from './handover-commands.ts';
import { addHistoryCommand } from './history-command.ts';
import { addListCommand } from './list-command.ts';
import { addMemberCommands } from './member-commands.ts';
import { addPauseCommands } from './pause-commands.ts';
import { addRemoteCommands } from './remote-commands.ts';
import { addRemoveCommand } from './remove-command.ts';
import { addDsnCommand, addQueryCommand } from './sql-commands.ts';
import { addTopologyCommand } from './topology-command.ts';
import { addVersionCommand } from './version-command.ts';
import { addWatchCommand } from './watch-command.ts';
import { addWhyCommands } from './why-commands.ts';

/** What an operator does to a cluster that runs. Patroni's tool knows none of our explanations. */
export function addOperatorCommands(program: Command, tool: Tool): void {
  addListCommand(program, tool);
  addTopologyCommand(program, tool);
  addHandoverCommands(program, tool);
  addMemberCommands(program, tool);
  addPauseCommands(program, tool);
  addRemoteCommands(program);
  addConfigCommands(program, tool);
  addHistoryCommand(program, tool);
  addDsnCommand(program, tool);
  addQueryCommand(program, tool);
  addVersionCommand(program, tool);
  addRemoveCommand(program, tool);
  if (tool === 'patronictl') return;
  addWhyCommands(program);
  addWatchCommand(program);
}
