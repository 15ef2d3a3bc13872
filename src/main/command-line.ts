import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { createMachineClock } from '../adapters/clock/machine-clock.ts';
import { createOperatorStore } from '../adapters/etcd/create-operator-store.ts';
import type { CommandLine, ExitCode, GlobalOptions } from '../cli/command-line.ts';
import { readConfigFiles, userConfigPath } from './config-files.ts';
import { outputTo } from './output-to.ts';

/** The command line as this process was called. */
export function createCommandLine(): CommandLine {
  const clock = createMachineClock();
  process.stdout.on('error', endUnwritten);
  // What nobody reads any more is no reason to leave off in the middle.
  process.stderr.on('error', () => undefined);
  return {
    stdout: outputTo(process.stdout, endUnwritten),
    stderr: outputTo(process.stderr),
    environment: process.env,
    files: { defaultPath: userConfigPath(process.env), read: readConfigFiles },
    now: () => clock.now(),
    wallNow: () => clock.wallNow(),
    sleep: (milliseconds) => sleep(milliseconds),
    openStore: (config, prefix) => createOperatorStore({ config, prefix, clock }),
  };
}

/** A reader that has seen enough (`| head`) ends us without a word; a disk that is full does not. */
function endUnwritten(error: Error): void {
  const isClosed = 'code' in error && error.code === 'EPIPE';
  if (!isClosed) process.stderr.write(`Error: standard output cannot be written: ${error.message}\n`);
  process.exit(1);
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

/** The options of the program itself, whether they stood before the command or behind it. */
export function globalOptions(command: Command): GlobalOptions {
  const before = command.parent?.opts<Given>() ?? {};
  const behind = command.opts<Given>();
  // Where `query` has options of these names they mean something else, and have other long names.
  const both = { ...before, ...behind };
  return {
    configFile: both.configFile ?? null,
    storeUrl: both.dcsUrl ?? both.dcs ?? null,
    insecure: before.insecure === true || behind.insecure === true,
    group: behind.group ?? null,
  };
}

/** As commander hands them over. */
type Given = {
  readonly configFile?: string;
  readonly dcsUrl?: string;
  readonly dcs?: string;
  readonly insecure?: boolean;
  readonly group?: number;
};
