import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { createMachineClock } from '../adapters/clock/machine-clock.ts';
import { createOperatorStore } from '../adapters/etcd/create-operator-store.ts';
import type { CommandLine, ExitCode, GlobalOptions, Output } from '../cli/command-line.ts';
import { readConfigFiles, userConfigPath } from './config-files.ts';

/** The command line as this process was called. */
export function createCommandLine(): CommandLine {
  const clock = createMachineClock();
  // A reader that has seen enough (`| head`) ends us without a word.
  process.stdout.on('error', () => process.exit(1));
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    environment: process.env,
    files: { defaultPath: userConfigPath(process.env), read: readConfigFiles },
    now: () => clock.now(),
    wallNow: () => clock.wallNow(),
    sleep: (milliseconds) => sleep(milliseconds),
    openStore: (config, prefix) => createOperatorStore({ config, prefix, clock }),
  };
}

/**
 * End with this code once everything is printed. Not by itself: a connection that is still being tried to a host that is
 * gone would keep the process for as long as the kernel tries.
 */
export function endWith(code: ExitCode): void {
  process.stdout.write('', () => {
    process.stderr.write('', () => process.exit(code));
  });
}

/** The options of the program itself, wherever on the command line they stood. */
export function globalOptions(command: Command): GlobalOptions {
  const { configFile, dcsUrl, insecure, group } = command.optsWithGlobals<{
    configFile?: string;
    dcsUrl?: string;
    insecure: boolean;
    group?: number;
  }>();
  return { configFile: configFile ?? null, storeUrl: dcsUrl ?? null, insecure, group: group ?? null };
}

function outputTo(stream: NodeJS.WriteStream): Output {
  return { isTerminal: stream.isTTY, write: (text) => void stream.write(text) };
}
