import type { Command } from 'commander';
import type { ExecutableName } from './called-as.ts';
import { addConfigCommands } from './config-commands.ts';
import { addHandoverCommands } from './handover-commands.ts';
import { addHistoryCommand } from './history-command.ts';
import { addListCommand } from './list-command.ts';
import { addMemberCommands } from './member-commands.ts';
import { addPauseCommands } from './pause-commands.ts';
import { addRemoteCommands } from './remote-commands.ts';
import { toolOf } from './tool-of.ts';
import { addTopologyCommand } from './topology-command.ts';
import { addWatchCommand } from './watch-command.ts';
import { addWhyCommands } from './why-commands.ts';

/** What an operator does to a cluster that runs. Patroni's tool knows none of our explanations. */
export function addOperatorCommands(program: Command, calledAs: ExecutableName): void {
  const tool = toolOf(calledAs);
  addListCommand(program, tool);
  addTopologyCommand(program, tool);
  addHandoverCommands(program, tool);
  addMemberCommands(program, tool);
  addPauseCommands(program, tool);
  addRemoteCommands(program);
  addConfigCommands(program, tool);
  addHistoryCommand(program, tool);
  if (tool === 'patronictl') return;
  addWhyCommands(program);
  addWatchCommand(program);
}
