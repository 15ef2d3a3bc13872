import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, resolve } from 'node:path';
import { geteuid } from 'node:process';
import { postgresNames, type ToolName } from '../adapters/postgres/binaries.ts';
import { missingPrograms } from '../adapters/postgres/missing-programs.ts';
import { processesOf } from '../adapters/postgres/process/cluster-processes.ts';
import { type Owner, whyNotWritable, whyUnusable } from '../adapters/postgres/unusable-directory.ts';
import type { AgentConfig } from '../domain/agent-config.ts';
import { takenPort } from './taken-port.ts';

/** What would keep this agent from its work, however long it waited. */
export type Obstacle = { readonly option: string; readonly message: string };

/**
 * Look, before the store is waited for and before anything is touched, at what only a person can change: programs, data
 * directory, ports. Where PostgreSQL runs already, nothing of its side is judged: an agent that stayed away for a wrong
 * mode or a package that is just being replaced would cost a primary its lease.
 */
export async function obstaclesBeforeStart(config: AgentConfig, searchPath: string): Promise<readonly Obstacle[]> {
  const obstacles: readonly (Obstacle | null)[] = isPostgresRunning(config)
    ? [logFolder(config), await apiPort(config)]
    : [
        programs(config, searchPath),
        directory(config),
        passwordFile(config),
        logFolder(config),
        await serverPort(config),
        await apiPort(config),
      ];
  return obstacles.filter((each) => each !== null);
}

/** Without these no member can create, copy, judge or start its PostgreSQL. */
const NEEDED: readonly ToolName[] = ['postgres', 'pg_controldata', 'pg_basebackup'];

function programs({ postgres, bootstrap }: AgentConfig, searchPath: string): Obstacle | null {
  const needed = bootstrap === null ? NEEDED : [...NEEDED, 'initdb' as const];
  return obstacle('postgresql.bin_dir', missingPrograms(postgres, { needed, searchPath }));
}

function directory({ postgres }: AgentConfig): Obstacle | null {
  const { dataDir } = postgres;
  const why = whyUnusable(dataDir, self());
  return why === null ? null : obstacle('postgresql.data_dir', `${dataDir}: ${why}`);
}

/** Passwords reach PostgreSQL's programs in files beside this one. */
function passwordFile({ postgres }: AgentConfig): Obstacle | null {
  const { pgpassFile, superuser, replication, rewind } = postgres;
  if ([superuser, replication, rewind].every(({ password }) => password === null)) return null;
  const why = whyNotWritable(dirname(resolve(pgpassFile)), self());
  return why === null
    ? null
    : obstacle('postgresql.pgpass', `${pgpassFile}: ${why}: name a file in a folder of that user`);
}

/** It is not made here: who ships logs looks where it was made. */
function logFolder({ log }: AgentConfig): Obstacle | null {
  if (log.file === undefined) return null;
  const { folder } = log.file;
  return obstacle('log.dir', whyNoFolder(folder) ?? whyNotWritable(folder, self()));
}

function whyNoFolder(folder: string): string | null {
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return null;
    return `${folder} is no folder: create it, or remove the option to log to standard error`;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return `${error.message}: let ${self().name} in, or remove the option to log to standard error`;
  }
}

async function serverPort({ postgres }: AgentConfig): Promise<Obstacle | null> {
  const { listenAddresses: hosts, port } = postgres;
  return obstacle('postgresql.listen', inUse(await takenPort({ hosts, port }), port));
}

async function apiPort({ api: { listenHost: hosts, port } }: AgentConfig): Promise<Obstacle | null> {
  return obstacle('restapi.listen', inUse(await takenPort({ hosts, port }), port));
}

function inUse(address: string | null, port: number): string | null {
  return address === null
    ? null
    : `another process listens on ${address} already: stop it (as root, ss -ltnp 'sport = :${port}' shows it), or choose another port`;
}

function obstacle(option: string, message: string | null): Obstacle | null {
  return message === null ? null : { option, message };
}

export function isPostgresRunning({ postgres }: AgentConfig): boolean {
  return processesOf(postgres.dataDir, postgresNames(postgres)).length > 0;
}

function self(): Owner {
  return { uid: geteuid?.() ?? -1, name: ownName() };
}

/** A user that no list of users has goes by its number. */
function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(geteuid?.());
  }
}
