import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { program } from './program.ts';

test('--version prints the version of the package', () => {
  const printed: string[] = [];
  const quiet = program(import.meta.url, 'matriarch')
    .exitOverride()
    .configureOutput({ writeOut: (text) => printed.push(text) });

  expect(() => quiet.parse(['--version'], { from: 'user' })).toThrow();
  expect(printed.join('')).toBe(`${manifest.version}\n`);
});

test('global options may stand behind every command, by their long names where a short one is its own', () => {
  const query = program(import.meta.url, 'matriarch').commands.find((each) => each.name() === 'query');
  const typed = ['-c', 'select 1', '--config-file', 'f.yml', '-d', 'shop', '--dcs-url', 'etcd3://h', '-k'];

  expect(query?.parseOptions(typed)).toMatchObject({ operands: [], unknown: [] });
  const { command, configFile, dbname, dcsUrl, insecure } = query?.opts() ?? {};
  expect([command, configFile, dbname, dcsUrl, insecure]).toEqual(['select 1', 'f.yml', 'shop', 'etcd3://h', true]);
});

test('what would be ignored is an error: --actions counts what --seed draws', async () => {
  const told: string[] = [];
  const own = program(import.meta.url, 'matriarch').commands.find((each) => each.name() === 'playground');
  own?.exitOverride().configureOutput({ writeErr: (text) => told.push(text) });

  await expect(own?.parseAsync(['--actions', '5'], { from: 'user' })).rejects.toThrow();
  expect(told.join('')).toContain('give a --seed');
});

test.each(['events', 'list', 'watch', 'why', 'why-not'])('%s tells of one group of a Citus cluster', (name) => {
  const own = program(import.meta.url, 'matriarch').commands.find((each) => each.name() === name);

  own?.parseOptions(['--group', '2']);
  expect(own?.opts()).toMatchObject({ group: 2 });
});
