import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Machine } from '../wire/validate/schema.ts';

/** However long a name server or a silent host takes. */
const CONNECT_LIMIT_MS = 3_000;
const VERSION_LIMIT_MS = 10_000;

/** This machine, as the checks of a configuration ask about it. */
export function thisMachine(searchPath: string): Machine {
  const find = (program: string, folder: string): string | null => {
    const folders = folder === '' ? searchPath.split(delimiter) : [folder];
    return folders.map((each) => join(each, program)).find(isProgram) ?? null;
  };
  return {
    connects,
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

function connects(host: string, port: number): ReturnType<Machine['connects']> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_LIMIT_MS });
    const settle = (outcome: Awaited<ReturnType<Machine['connects']>>): void => {
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
