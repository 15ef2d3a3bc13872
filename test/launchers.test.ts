import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const bin = join(import.meta.dirname, '../bin');
const folder = mkdtempSync(join(tmpdir(), 'matriarch-launchers-'));
const printer = join(folder, 'node');
writeFileSync(printer, '#!/bin/sh\necho "pid=$$"\nfor argument; do echo "$argument"; done\n');
chmodSync(printer, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

/** What the launcher hands to Node: its flags, and what comes after the program. */
function launched(launcher: string, args: readonly string[], env: Record<string, string> = {}) {
  const { stdout, pid } = spawnSync(launcher, args, {
    env: { PATH: process.env['PATH'], MATRIARCH_NODE: printer, MATRIARCH_DEV: '1', ...env },
    encoding: 'utf8',
  });
  const [first, ...words] = stdout.trimEnd().split('\n');
  const program = words.findIndex((word) => word.endsWith('src/main/main.ts'));
  return { flags: words.slice(0, program), argv: words.slice(program + 1), becameNode: first === `pid=${pid}` };
}

test('a launcher becomes Node, so that a signal reaches the agent itself', () => {
  expect(launched(join(bin, 'matriarch'), ['agent', 'file.yml']).becameNode).toBe(true);
  expect(launched(join(bin, 'patroni'), ['file.yml']).becameNode).toBe(true);
});

test('patroni is the agent, and says under which name it was called', () => {
  const { argv } = launched(join(bin, 'patroni'), ['file with a blank.yml']);
  expect(argv).toEqual(['--called-as=patroni', 'file with a blank.yml']);
});

test('what is typed after patroni reaches the agent, and its options beside running work', () => {
  const env = { PATH: process.env['PATH'], MATRIARCH_NODE: process.execPath, MATRIARCH_DEV: '1' };
  const patroni = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(join(bin, 'patroni'), args, { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  expect(patroni('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^patroni 4\.1\.\d+ /) });
  expect(patroni('--validate-config', '/nowhere.yml')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^\/nowhere\.yml: Config is empty\. .*\nname {2}is not defined\.\nscope {2}is/),
  });
  expect(patroni('--valid', '/nowhere.yml').status).toBe(1);
  expect(patroni('--generate-sample-config', '--validate-config').status).toBe(2);
  expect(patroni('one.yml', 'two.yml').status).toBe(2);
  expect(patroni('--generate', 'one.yml').status).toBe(2);
});

test('patronictl takes its own arguments, also through a link from elsewhere', () => {
  const link = join(folder, 'patronictl');
  symlinkSync(join(bin, 'patronictl'), link);
  expect(launched(link, ['-c', 'x', 'list']).argv).toEqual(['--called-as=patronictl', '-c', 'x', 'list']);
});

test('what runs for months gets a small heap, a short command gets none of that', () => {
  expect(launched(join(bin, 'matriarch'), ['agent']).flags).not.toEqual([]);
  expect(launched(join(bin, 'patroni'), ['file.yml']).flags).not.toEqual([]);
  expect(launched(join(bin, 'matriarch'), ['list']).flags).toEqual([]);
});

test("the archive's own Node comes with its library, wherever the archive lies", () => {
  const home = join(folder, 'archive');
  for (const path of ['bin', 'dist', 'node/bin', 'node/lib']) mkdirSync(join(home, path), { recursive: true });
  copyFileSync(join(bin, 'matriarch'), join(home, 'bin/matriarch'));
  for (const program of ['matriarch.js', 'quick.cjs']) writeFileSync(join(home, 'dist', program), '');
  writeFileSync(join(home, 'node/bin/node'), '#!/bin/sh\necho "$LD_LIBRARY_PATH|$MATRIARCH_LD_LIBRARY_PATH_BEFORE"\n');
  chmodSync(join(home, 'node/bin/node'), 0o755);
  const env = { PATH: process.env['PATH'], LD_LIBRARY_PATH: '/opt/lib' };
  const { stdout } = spawnSync('./archive/bin/matriarch', ['list'], { cwd: folder, env, encoding: 'utf8' });
  expect(stdout).toBe(`${join(home, 'node/lib')}:/opt/lib|/opt/lib\n`);
});

test('the flags of Node can be given', () => {
  const env = { MATRIARCH_NODE_FLAGS: '--max-old-space-size=99 --expose-gc' };
  expect(launched(join(bin, 'matriarch'), ['agent'], env).flags).toEqual(['--max-old-space-size=99', '--expose-gc']);
});

const asFirstProcess = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'];
const mayBeFirst = spawnSync('unshare', [...asFirstProcess, 'true']).status === 0;

describe.skipIf(!mayBeFirst)('as the first process of a container', () => {
  /** Instead of Node: `body` of a shell script. */
  function inContainer(body: string) {
    const script = join(folder, 'container-node');
    writeFileSync(script, `#!/bin/sh\n${body}\n`);
    chmodSync(script, 0o755);
    const args = [...asFirstProcess, join(bin, 'matriarch'), 'agent'];
    return spawnSync('unshare', args, {
      env: { PATH: process.env['PATH'], MATRIARCH_NODE: script, MATRIARCH_DEV: '1' },
      encoding: 'utf8',
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
  }

  test('whoever is left behind is reaped', () => {
    const program = [
      "require('node:child_process').execSync('sh -c \"sleep 0.1 &\"')",
      "setTimeout(() => process.stdout.write(require('node:child_process').execSync('cat /proc/[0-9]*/stat')), 400)",
    ];
    const { stdout } = inContainer(`exec '${process.execPath}' -e '${program.join(';').replaceAll("'", `'"'"'`)}'`);
    expect(stdout).toContain('1 (matriarch) ');
    expect(stdout).not.toContain(') Z ');
  });

  test('a signal is handed on, and the exit status comes back', () => {
    const body = 'trap "echo asked; exit 7" TERM; kill -TERM 1; while :; do sleep 0.05; done';
    const { stdout, status } = inContainer(body);
    expect(stdout).toBe('asked\n');
    expect(status).toBe(7);
  });
});
