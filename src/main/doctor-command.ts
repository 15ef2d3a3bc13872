import type { Command } from 'commander';
import { clusterArgument } from './cluster-argument.ts';
import { groupOption } from './group-option.ts';
import { jsonOption } from './json-option.ts';
import { operate } from './operate.ts';

/** `doctor [CLUSTER]`: what is wrong, and what to do about it. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check store, cluster and configuration, and say what to do about what is found')
    .argument(...clusterArgument)
    .addOption(groupOption())
    .addOption(jsonOption('matriarch'))
    .action((cluster: string | undefined, { json }: { readonly json: boolean }, command: Command) =>
      operate(command, async (given, line) => {
        const { runDoctor } = await import('../cli/doctor/run-doctor.ts');
        return runDoctor({ ...given, cluster: cluster ?? null, format: json ? 'json' : 'text' }, line);
      }),
    );
}
