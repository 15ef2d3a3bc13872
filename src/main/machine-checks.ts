import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Connecting } from '../wire/validate/addresses.ts';
import type { Machine } from '../wire/validate/schema.ts';

/** However long a name server or a silent host takes. */
const CONNECT_LIMIT_MS = 3_000;
const VERSION_LIMIT_MS = 10_000;

/**
 * Run checks that want to know who listens where: what they ask is found out, and they are run again, until they ask
 * nothing new.
 */
export async function withAnswers<T>(searchPath: string, run: (machine: Machine) => T): Promise<T> {
  const answers = new Map<string, Connecting>();
  for (;;) {
    const asked = new Map<string, readonly [host: string, port: number]>();
    const connects = (host: string, port: number): Connecting => {
      const key = `${host} ${port}`;
      const known = answers.get(key);
      if (known === undefined) asked.set(key, [host, port]);
      return known ?? 'refused';
    };
    const outcome = run({ ...thisMachine(searchPath), connects });
    if (asked.size === 0) return outcome;
    const found = [...asked].map(async ([key, [host, port]]) => [key, await connectTo(host, port)] as const);
    for (const [key, answer] of await Promise.all(found)) answers.set(key, answer);
  }
}

/** This machine, as the checks of a configuration ask about it, but for who listens where. */
export function thisMachine(searchPath: string): Omit<Machine, 'connects'> {
  const find = (program: string, folder: string): string | null => {
    const folders = folder === '' ? searchPath.split(delimiter) : [folder];
    return folders.map((each) => join(each, program)).find(isProgram) ?? null;
  };
  return {
    ownAddresses: () => Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
    kindOf(path) {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return 'missing';
      return stats.isDirectory() ? 'directory' : 'other';
    },
    namesIn: (folder) => quietly(() => readdirSync(folder).filter((name) => !/^\.|^lost\+found$/.test(name))),
    readText: (path) => quietly(() => readFileSync(path, 'utf8')),
    hasProgram: (program, folder) => find(program, folder) !== null,
    majorVersion(program, folder) {
      const path = find(program, folder);
      if (path === null) return null;
      const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: VERSION_LIMIT_MS });
      const [, major = null, minor = ''] = /\) (\d+)(?:\.(\d+))?/.exec(stdout) ?? [];
      return major !== null && Number(major) < 10 ? `${major}.${minor}` : major;
    },
  };
}

function isProgram(path: string): boolean {
  return quietly(() => accessSync(path, constants.X_OK)) !== null && statSync(path).isFile();
}

/** What cannot be looked at counts as not there. */
function quietly<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}

function connectTo(host: string, port: number): Promise<Connecting> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_LIMIT_MS });
    const settle = (outcome: Connecting): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('connect', () => settle('accepted'));
    socket.once('timeout', () => settle('refused'));
    socket.once('error', (error) => {
      const isUnknownName = 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN');
      settle(isUnknownName ? { problem: '[Errno -2] Name or service not known' } : 'refused');
    });
  });
}
