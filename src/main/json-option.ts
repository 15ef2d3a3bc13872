import { Option } from 'commander';
import type { Tool } from '../cli/tool.ts';

/** `--json`, which is ours: under the name of Patroni's tool it is not shown. */
export function jsonOption(tool: Tool): Option {
  return new Option('--json', 'print JSON').default(false).hideHelp(tool === 'patronictl');
}
