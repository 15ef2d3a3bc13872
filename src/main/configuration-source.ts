import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, isConfigVariable } from '../wire/config/environment.ts';
import type { ConfigFile, ConfigProblem, ConfigSource } from '../wire/config/local-document.ts';

export type FoundSource =
  | { readonly kind: 'found'; readonly source: ConfigSource }
  | { readonly kind: 'unreadable'; readonly problem: ConfigProblem };

/**
 * What the path and the environment have to say. A path with nothing at it is no error: the environment may say
 * everything.
 * @param path a file, or a folder whose `*.yml` and `*.yaml` are laid over each other in the order of their names.
 * @see spec/config.md 3
 */
export function findConfiguration(path: string | null, environment: Environment): FoundSource {
  if (path === null || path === '') return { kind: 'found', source: { files: [], environment } };
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return { kind: 'found', source: { files: [], missing: path, environment } };
    const files = filesAt(path, stats);
    if (files?.length === 0) return { kind: 'found', source: { files, missing: join(path, '*.yml'), environment } };
    if (files !== null) return { kind: 'found', source: { files, environment } };
    return unreadable(path, `invalid config path: ${path} is neither directory nor file`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return unreadable(path, `cannot be read: ${error.message}`);
  }
}

/** The environment as it was, and from now on no child sees what was meant for the agent: passwords are among it. */
export function takeEnvironment(environment: Record<string, string | undefined>): Environment {
  const taken = { ...environment };
  for (const name of Object.keys(taken)) if (isConfigVariable(name)) Reflect.deleteProperty(environment, name);
  return taken;
}

/** @returns `null`: it is something else, a pipe or a device. */
function filesAt(path: string, stats: Stats): readonly ConfigFile[] | null {
  if (stats.isFile()) return [read(path)];
  if (!stats.isDirectory()) return null;
  return yamlFilesIn(path).map(read);
}

/** A link to nothing is none: an editor leaves one beside the file that it has open (`.#node.yml`). */
export function yamlFilesIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  const paths = names.sort().map((name) => join(folder, name));
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function read(path: string): ConfigFile {
  return { path, text: readFileSync(path, 'utf8') };
}

function unreadable(source: string, message: string): FoundSource {
  return { kind: 'unreadable', problem: { path: '', source, line: null, message } };
}
