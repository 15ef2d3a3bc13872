import type { Command } from 'commander';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { operate } from './operate.ts';

/** `why [MEMBER]` and `why-not MEMBER`: what Patroni's tool cannot tell. */
export function addWhyCommands(program: Command): void {
  addWhy(program);
  addWhyNot(program);
}

type Given = { readonly cluster?: string; readonly json: boolean };

function addWhy(program: Command): void {
  program
    .command('why')
    .description('explain how a member came to its role, and what it does now')
    .argument('[member]', 'the leader when none is named')
    .option('--cluster <name>', 'the configured scope when none is given')
    .addOption(groupOption())
    .addOption(jsonOption('matriarch'))
    .action((member: string | undefined, { cluster, json }: Given, command: Command) =>
      operate(command, async (given, line) => {
        const { runWhy } = await import('../cli/why/run-why.ts');
        const { rules } = await import('../decide/rules.ts');
        const says = new Map(Object.entries(rules).map(([name, rule]) => [name, rule.says]));
        const ruleSays = (rule: string): string | null => says.get(rule) ?? null;
        const format = json ? 'json' : 'text';
        return runWhy({ ...given, cluster: cluster ?? null, member: member ?? null, format, ruleSays }, line);
      }),
    );
}

function addWhyNot(program: Command): void {
  program
    .command('why-not')
    .description('explain why a member does not lead, and whether it could')
    .argument('<member>', 'its name')
    .option('--cluster <name>', 'the configured scope when none is given')
    .addOption(groupOption())
    .addOption(jsonOption('matriarch'))
    .action((member: string, { cluster, json }: Given, command: Command) =>
      operate(command, async (given, line) => {
        const { runWhyNot } = await import('../cli/why/run-why-not.ts');
        return runWhyNot({ ...given, cluster: cluster ?? null, member, format: json ? 'json' : 'text' }, line);
      }),
    );
}
