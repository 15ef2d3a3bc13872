/** What configurations of Patroni name beside the agent, and what the archive brings instead (docs/installation.md). */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

const helpers = join(import.meta.dirname, '../packaging/helpers');
const folder = mkdtempSync(join(tmpdir(), 'matriarch-helpers-'));
const calls = join(folder, 'calls');
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => writeFileSync(calls, ''));

/** Each call of a tool is one line: its name and its arguments, each in brackets. */
function tool(name: string, body = ''): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n{ printf '%s' ${name}; printf ' [%s]' "$@"; echo; } >>'${calls}'\n${body}\n`);
  chmodSync(path, 0o755);
}

function called(): readonly string[] {
  return readFileSync(calls, 'utf8').split('\n').slice(0, -1);
}

function start(helper: string, args: readonly string[]): number | null {
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  return spawnSync(join(helpers, helper), args, { env, encoding: 'utf8' }).status;
}

describe('barman-recover', () => {
  const needed = ['--barman-host=barman@b', '--barman-server', 'shop', '--ssh-command=ssh postgres@a'];

  test('recovers on Barman’s host, every word quoted for the shell there', () => {
    tool('ssh');
    expect(start('barman-recover', [...needed, "--datadir=/data/it's", '--scope=shop', '--role=replica'])).toBe(0);
    const there = "barman recover --remote-ssh-command 'ssh postgres@a' 'shop' 'latest' '/data/it'\\''s' ";
    expect(called()).toEqual([`ssh [-o] [BatchMode=yes] [barman@b] [${there}]`]);
  });

  test.each([
    ['fails when Barman does', [...needed, '--datadir=/data'], 1],
    ['asks for what is missing', needed, 2],
  ])('%s', (_rule, args, status) => {
    tool('ssh', 'exit 255');
    expect(start('barman-recover', args)).toBe(status);
  });
});

describe('barman-config-switch', () => {
  const needed = ['--barman-host=b', '--barman-server=shop'];

  test.each([
    [['--barman-model=m', '--switch-when=promoted'], 'primary', 0, "barman config-switch 'shop' 'm' "],
    [['--reset', '--switch-when=demoted'], 'replica', 0, "barman config-switch 'shop' '--reset' "],
    [['--barman-model=m', '--switch-when=always'], 'standby_leader', 0, "barman config-switch 'shop' 'm' "],
    [['--barman-model=m', '--switch-when=promoted'], 'replica', 1, null],
    [['--barman-model=m', '--switch-when=demoted'], 'primary', 1, null],
    [['--barman-model=m', '--switch-when=sometimes'], 'primary', 4, null],
    [['--barman-model=m', '--reset', '--switch-when=always'], 'primary', 4, null],
    [['--switch-when=always'], 'primary', 4, null],
    [['--barman-model=m'], 'primary', 4, null],
  ])('%j at a change to %s ends with %i', (options, role, status, there) => {
    tool('ssh');
    expect(start('barman-config-switch', [...needed, ...options, 'on_role_change', role, 'shop'])).toBe(status);
    expect(called()).toEqual(there === null ? [] : [`ssh [-o] [BatchMode=yes] [b] [${there}]`]);
  });

  test('knows one action', () => {
    tool('ssh');
    const options = [...needed, '--reset', '--switch-when=always'];
    expect(start('barman-config-switch', [...options, 'on_start', 'primary', 'shop'])).toBe(4);
    expect(called()).toEqual([]);
  });

  test('fails when Barman does', () => {
    tool('ssh', 'exit 1');
    const options = [...needed, '--reset', '--switch-when=always'];
    expect(start('barman-config-switch', [...options, 'on_role_change', 'primary', 'shop'])).toBe(2);
  });
});

describe('aws-tags', () => {
  beforeEach(() => {
    tool('curl', 'case "$*" in *token) echo T ;; *instance-id) echo i-1 ;; *region) echo eu-west-1 ;; esac');
    tool('aws', 'case "$*" in *describe-volumes*) echo vol-1 vol-2 ;; esac');
  });

  test('tags the instance and its volumes', () => {
    expect(start('aws-tags', ['on_role_change', 'primary', 'shop'])).toBe(0);
    expect(called().filter((line) => line.includes('create-tags'))).toEqual([
      'aws [--region] [eu-west-1] [ec2] [create-tags] [--resources] [i-1] [--tags] [Key=Role,Value=primary]',
      'aws [--region] [eu-west-1] [ec2] [create-tags] [--resources] [vol-1] [vol-2] [--tags] ' +
        '[Key=Name,Value=spilo_shop] [Key=Role,Value=primary] [Key=Instance,Value=i-1]',
    ]);
  });

  test.each([[['on_role_change', 'primary']], [['on_reload', 'primary', 'shop']]])('%j tags nothing', (args) => {
    expect(start('aws-tags', args)).toBe(1);
    expect(called()).toEqual([]);
  });
});

describe('walg-restore', () => {
  const envdir = join(folder, 'envdir');
  const datadir = join(folder, 'data');
  beforeEach(() => {
    for (const path of [envdir, datadir]) mkdirSync(path, { recursive: true });
    writeFileSync(join(envdir, 'WALG_S3_PREFIX'), 's3://bucket/shop\nnot this\n');
    writeFileSync(join(envdir, 'WALG_S3_PREFIX.old~'), 'names no variable');
    tool('wal-g', `echo "$WALG_S3_PREFIX" >>'${calls}'`);
    tool('sleep');
  });

  test('without a leader the newest backup is fetched, with the variables of the folder', () => {
    expect(start('walg-restore', [`--envdir=${envdir}`, '--datadir', datadir, '--connstring=', '--no_leader=1'])).toBe(
      0,
    );
    expect(called()).toEqual([`wal-g [backup-fetch] [${datadir}] [LATEST]`, 's3://bucket/shop']);
  });

  test('a fetch that fails is tried again, into an empty folder', () => {
    tool('wal-g', `ls '${datadir}' >>'${calls}'; touch '${datadir}/half'; exit 1`);
    expect(start('walg-restore', [`--envdir=${envdir}`, `--datadir=${datadir}`, '--retries=2'])).toBe(1);
    expect(called().filter((line) => line.startsWith('wal-g '))).toHaveLength(3);
    expect(called()).not.toContain('half');
    expect(readdirSync(datadir)).toEqual(['half']);
  });

  test.each([
    ['no folder of variables', [`--datadir=${datadir}`], 2],
    ['no data directory', [`--envdir=${envdir}`], 2],
    ['no number', [`--envdir=${envdir}`, `--datadir=${datadir}`, '--retries=often'], 2],
  ])('%s: nothing is fetched', (_what, args, status) => {
    expect(start('walg-restore', args)).toBe(status);
    expect(called()).toEqual([]);
  });
});
