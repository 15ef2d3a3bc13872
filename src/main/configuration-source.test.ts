import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeProblem, type LocalDocument, readLocalDocument } from '../wire/config/local-document.ts';
import { readConfigFiles } from './config-files.ts';
import { findConfiguration, takeEnvironment } from './configuration-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'matriarch-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function place(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

function documentAt(path: string, environment: Readonly<Record<string, string>> = {}): LocalDocument {
  const found = findConfiguration(path, environment);
  if (found.kind === 'unreadable') return { kind: 'invalid', problem: found.problem };
  return readLocalDocument(found.source);
}

const problemAt = (path: string): string | null => {
  const read = documentAt(path);
  return read.kind === 'invalid' ? describeProblem(read.problem) : null;
};

describe('a folder of files (config.md 3)', () => {
  test('CONF-14: files are laid over each other in the order of their names, and others are left alone', () => {
    const path = place('levels', {
      'b.yaml': 'log: {level: DEBUG}',
      'a.yml': 'log: {level: INFO, dir: /x}',
      'c.txt': 'log: {level: ERROR}',
      'd.YML': 'log: {level: ERROR}',
    });
    mkdirSync(join(path, 'e.yml'));
    expect(documentAt(path)).toMatchObject({ document: { log: { level: 'DEBUG', dir: '/x' } } });
  });

  test('neither a folder nor a link to nothing, as an editor leaves it, is a file', () => {
    const path = place('opened', { 'a.yml': 'name: a' });
    mkdirSync(join(path, 'b.yml'));
    symlinkSync('somebody@host.4711', join(path, '.#a.yml'));
    expect(documentAt(path)).toMatchObject({ document: { name: 'a' } });
    expect(readConfigFiles(path)).toEqual({ kind: 'read', texts: ['name: a'] });
  });

  test('CONF-15: a null in a later file takes a section away', () => {
    const path = place('nulls', { 'a.yml': 'watchdog: {mode: required}\nname: a', 'b.yml': 'watchdog: null' });
    expect(documentAt(path)).toMatchObject({ document: { name: 'a' } });
    expect(documentAt(path)).not.toHaveProperty('document.watchdog');
  });

  test('each option is found in the file that says it, and the last one of several', () => {
    const path = place('places', {
      'a.yml': 'restapi:\n  listen: x\n  certfile: c\n',
      'b.yml': '\n\nrestapi:\n  listen: y\n',
    });
    const read = documentAt(path, { PATRONI_RESTAPI_KEYFILE: 'k' });
    const placeOf = (option: string) => (read.kind === 'read' ? read.placeOf(['restapi', option]) : null);
    expect(placeOf('listen')).toEqual({ source: join(path, 'b.yml'), line: 4 });
    expect(placeOf('certfile')).toEqual({ source: join(path, 'a.yml'), line: 3 });
    expect(placeOf('keyfile')).toEqual({ source: 'PATRONI_RESTAPI_KEYFILE', line: null });
  });

  test('a broken file among them is named', () => {
    const path = place('broken', { 'a.yml': 'name: a', 'b.yml': 'name: b\nscope: [' });
    expect(problemAt(path)).toMatch(`${join(path, 'b.yml')}:2: invalid YAML`);
  });

  test('CONF-16: an empty file is none', () => {
    const path = place('empty', { 'a.yml': '' });
    expect(problemAt(path)).toMatch(`invalid config file ${join(path, 'a.yml')}`);
  });

  test('CONF-17: a path with nothing at it, and no variables', () => {
    const path = join(folder, 'nowhere.yml');
    expect(problemAt(path)).toMatch(`${path}: Config is empty.`);
  });

  test('a path with nothing at it is said when the environment says everything', () => {
    const path = join(folder, 'nowhere.yml');
    const read = documentAt(path, { PATRONI_NAME: 'a' });
    expect(read).toMatchObject({ kind: 'read', document: { name: 'a' } });
    expect(read.kind === 'read' && read.notices[0]).toContain(path);
  });

  test('what is neither a folder nor a file is refused', () => {
    expect(problemAt('/dev/null')).toContain('invalid config path');
  });
});

test('CONF-26: variables of the configuration are taken out of the environment that children get', () => {
  const environment: Record<string, string | undefined> = {
    PATRONI_SUPERUSER_PASSWORD: 'p',
    PATRONI_ETCD3_HOSTS: 'a',
    PATRONI_ETCD3_PASSWORD: 'q',
    PATRONI_CONFIGURATION: 'a: 1',
    PATRONI_UNKNOWN: 'stays',
    PATH: '/bin',
  };
  const taken = takeEnvironment(environment);
  expect(environment).toEqual({ PATRONI_UNKNOWN: 'stays', PATH: '/bin' });
  expect(taken).toMatchObject({ PATRONI_SUPERUSER_PASSWORD: 'p', PATRONI_CONFIGURATION: 'a: 1', PATH: '/bin' });
});
