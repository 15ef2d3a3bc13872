import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConfigFiles } from '../cli/command-line.ts';
import { yamlFilesIn } from './configuration-source.ts';

/** Where the user's own configuration of the command line is (spec/ctl.md 2). */
export function userConfigPath(environment: Readonly<Record<string, string | undefined>>): string {
  const configured = environment['XDG_CONFIG_HOME'] ?? '';
  return join(configured === '' ? join(homedir(), '.config') : configured, 'patroni', 'patronictl.yaml');
}

/** A file; or a folder's YAML files in the order of their names. */
export const readConfigFiles: ConfigFiles['read'] = (path) => {
  try {
    const paths = statSync(path).isDirectory() ? yamlFilesIn(path) : [path];
    return { kind: 'read', texts: paths.map((each) => readFileSync(each, 'utf8')) };
  } catch (error) {
    // Missing, not ours to read, or gone meanwhile: whoever asked knows whether that matters.
    if (error instanceof Error && 'code' in error) return { kind: 'unreadable' };
    throw error;
  }
};
