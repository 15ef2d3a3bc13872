import { describe, expect, test } from 'vitest';
import type { AgentConfig } from '../domain/agent-config.ts';
import { type LoadedConfig, loadAgentConfig } from '../wire/config/load.ts';
import { reloadedConfiguration, takeUp } from './reload.ts';
import { startingDynamic } from './starting-dynamic.ts';

const file = `
name: a
scope: shop
etcd3: {hosts: [h]}
restapi: {listen: "h:8008"}
log: {level: INFO}
postgresql:
  listen: h:5432
  data_dir: /data
  authentication:
    replication: {username: r}
`;

const load = (text: string): LoadedConfig => loadAgentConfig({ files: [{ path: 'node.yml', text }], environment: {} });
const started = configOf(file);

function configOf(text: string): AgentConfig {
  const loaded = load(text);
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** What the agent goes by after the file became this, and what was said of it. */
function reloaded(text: string) {
  const said: string[] = [];
  const config = reloadedConfiguration(started, load(text), {
    write: (level, _event, fields) => void said.push(`${level}: ${Object.values(fields).join(' ')}`),
  });
  return { config, said };
}

describe('after SIGHUP or POST /reload (config.md 10)', () => {
  test('CONF-39: a broken file changes nothing, and is told with the line and the option', () => {
    const { config, said } = reloaded(file.replace('listen: h:5432', 'listen: h:port'));
    expect(config).toBe(started);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^error: node\.yml:8: postgresql\.listen: /);
  });

  test('a file that is no YAML changes nothing, and is told with the line', () => {
    const { config, said } = reloaded(`${file}\ntags: [`);
    expect(config).toBe(started);
    expect(said[0]).toMatch(/^error: node\.yml:\d+: invalid YAML/);
  });

  test('CONF-40: the same file is said to be the same', () => {
    const { config, said } = reloaded(`${file}# only a remark\n`);
    expect(config).toBe(started);
    expect(said).toEqual(['info: No local configuration items changed.']);
  });

  test('CONF-42: scope, name, store and paths stay until the next start, everything else counts', () => {
    const { config, said } = reloaded(
      file
        .replace('scope: shop', 'scope: other')
        .replace('/data', '/elsewhere')
        .replace('[h]', '[i]')
        .replace('INFO', 'DEBUG'),
    );
    expect(config).toMatchObject({ scope: 'shop', postgres: { dataDir: '/data' }, log: { level: 'debug' } });
    expect(config.store).toEqual(started.store);
    expect(said).toEqual([
      'warn: scope: counts from the next start of the agent',
      'warn: etcd3: counts from the next start of the agent',
      'warn: postgresql.data_dir: counts from the next start of the agent',
      'info: log',
    ]);
  });

  test('what is new and has no effect is said', () => {
    const { said } = reloaded(`${file}ttl: 20\n`);
    expect(said[0]).toMatch(/^warn: ttl: has no effect/);
  });
});

describe('what an agent goes by until the store tells (config.md 6.4)', () => {
  const withBootstrap = configOf(`${file}bootstrap: {dcs: {ttl: 40}}\n`);

  test('CONF-1: a ttl at the top of the file is none of it', () => {
    expect(startingDynamic(configOf(`${file}ttl: 99\n`), null)).toMatchObject({ ttl: 30_000 });
  });

  test('CONF-44: what it told last, before bootstrap.dcs', () => {
    expect(startingDynamic(withBootstrap, { ttl: 50, stranger: 1 })).toMatchObject({
      ttl: 50_000,
      document: { ttl: 50, stranger: 1 },
    });
    expect(startingDynamic(withBootstrap, null)).toMatchObject({ ttl: 40_000 });
    expect(startingDynamic(started, null)).toMatchObject({ ttl: 30_000, document: {} });
  });
});

describe('the REST API takes up its part, or does not', () => {
  const moved = configOf(file.replace('h:8008', 'h:8009').replace('INFO', 'DEBUG'));
  const after = async (taken: AgentConfig['api'], wanted = moved) => {
    const [told, inForce] = [[] as AgentConfig[], { config: started }];
    await takeUp(wanted, inForce, { reload: () => Promise.resolve(taken) }, (config) => void told.push(config));
    return { told: told.map(({ api, log }) => [api.connectAddress, log.level]), inForce };
  };

  test('another address counts once it is served, the rest at once', async () => {
    const { told, inForce } = await after(moved.api);
    expect(told).toEqual([
      ['h:8008', 'debug'],
      ['h:8009', 'debug'],
    ]);
    expect(inForce.config).toEqual(moved);
  });

  test('one that cannot be served is not told to others', async () => {
    const { told, inForce } = await after(started.api);
    expect(told).toEqual([['h:8008', 'debug']]);
    expect(inForce.config.api).toEqual(started.api);
  });

  test('where it stays as it is, it is told once', async () => {
    expect((await after(started.api, started)).told).toEqual([['h:8008', 'info']]);
  });

  test('a second reload takes the first one back, which is not over', async () => {
    const [inForce, taking] = [{ config: started }, [] as ((taken: AgentConfig['api']) => void)[]];
    const api = { reload: () => new Promise<AgentConfig['api']>((resolve) => void taking.push(resolve)) };
    const certificate = { ...started.api.client, insecure: !started.api.client.insecure };
    const back: AgentConfig = { ...started, api: { ...started.api, client: certificate } };
    const [first, second] = [moved, back].map((wanted) => takeUp(wanted, inForce, api, () => undefined));

    // The API takes them up one after the other.
    taking[0]?.(moved.api);
    await first;
    expect(inForce.config.api.client).toEqual(certificate);
    taking[1]?.(back.api);
    await second;
    expect(inForce.config).toEqual(back);
  });
});
