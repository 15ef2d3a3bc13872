import type { CommandLine, GlobalOptions } from './command-line.ts';
import { type ReadCtlConfig, readCtlConfig } from './ctl-config.ts';

/** Find and read the configuration: `-c`, else `PATRONICTL_CONFIG_FILE`, else the user's own file (spec/ctl.md 2). */
export function loadConfig(options: GlobalOptions, { environment, files }: CommandLine): ReadCtlConfig {
  const path = options.configFile ?? given(environment['PATRONICTL_CONFIG_FILE']);
  const storeUrl = options.storeUrl ?? given(environment['DCS_URL']);
  const read = files.read(path ?? files.defaultPath);
  if (read.kind === 'unreadable' && path !== null) {
    const advice = 'Check the -c/--config-file parameter';
    return { kind: 'invalid', message: `Provided config file ${path} not existing or no read rights. ${advice}` };
  }
  const texts = read.kind === 'read' ? read.texts : [];
  const config = readCtlConfig({ texts, environment, storeUrl, insecure: options.insecure });
  const isNothingGiven = read.kind === 'unreadable' && storeUrl === null;
  return config.kind === 'invalid' && isNothingGiven
    ? { kind: 'invalid', message: `${config.message}. No file was given: -c FILE, or -d etcd3://HOST:PORT` }
    : config;
}

function given(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
