import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import { type Environment, readEnvironment } from './environment.ts';

describe('PATRONI_* variables (config.md 4)', () => {
  it.each<[string, Environment, JsonObject]>([
    ['CONF-20', { PATRONI_ETCD3_HOSTS: "'a:2379','b:2379'" }, { etcd3: { hosts: ['a:2379', 'b:2379'] } }],
    ['a list as YAML', { PATRONI_RESTAPI_ALLOWLIST: '- a\n- b' }, { restapi: { allowlist: ['a', 'b'] } }],
    ['CONF-21: etcd credentials alone are ignored', { PATRONI_ETCD3_USERNAME: 'u', PATRONI_ETCD3_PASSWORD: 'p' }, {}],
    [
      'etcd credentials beside another variable',
      { PATRONI_ETCD3_HOST: 'a', PATRONI_ETCD3_USERNAME: 'u', PATRONI_ETCD3_PASSWORD: '' },
      { etcd3: { host: 'a', username: 'u' } },
    ],
    ['CONF-22: no boolean, no effect', { PATRONI_KUBERNETES_USE_ENDPOINTS: 'maybe' }, {}],
    [
      'CONF-23',
      { PATRONI_LOG_FORMAT: 'message, {levelname: level}' },
      { log: { format: ['message', { levelname: 'level' }] } },
    ],
    ['a log format as text', { PATRONI_LOG_FORMAT: '%(message)s' }, { log: { format: '%(message)s' } }],
    ['CONF-24: not read', { PATRONI_RESTAPI_THREAD_POOL_SIZE: '9' }, {}],
    ['CONF-25', { PATRONI_POSTGRESQL_BIN_PG_ISREADY: 'x' }, { postgresql: { bin_name: { pg_isready: 'x' } } }],
    ['an octal mode', { PATRONI_LOG_MODE: '0644' }, { log: { mode: 420 } }],
    [
      'a former name gives way to the new one',
      { PATRONI_LOGLEVEL: 'DEBUG', PATRONI_LOG_LEVEL: 'INFO' },
      { log: { level: 'INFO' } },
    ],
    ['empty is not set', { PATRONI_NAME: '', PATRONI_SCOPE: undefined }, {}],
    ['except texts of a store', { PATRONI_ETCD3_HOST: '', PATRONI_ETCD3_PORT: '' }, { etcd3: { host: '', port: '' } }],
    ['dictionaries', { PATRONI_KUBERNETES_LABELS: '{app: x}' }, { kubernetes: { labels: { app: 'x' } } }],
    ['dictionaries without braces', { PATRONI_KUBERNETES_LABELS: 'app: x' }, { kubernetes: { labels: { app: 'x' } } }],
    ['note 3: not in the list', { PATRONI_CONSUL_SCHEME: 'https' }, {}],
    [
      'users',
      { PATRONI_SUPERUSER_PASSWORD: '0123', PATRONI_REWIND_SSLMODE: 'require' },
      { postgresql: { authentication: { superuser: { password: '0123' }, rewind: { sslmode: 'require' } } } },
    ],
    [
      'Citus',
      { PATRONI_CITUS_GROUP: '0', PATRONI_CITUS_DATABASE: 'd', PATRONI_CITUS_HOST: 'x' },
      { citus: { group: 0, database: 'd' } },
    ],
    ['somebody else’s', { PGUSER: 'x', PATRONI_FOO: 'x', PATRONI_: 'x', PATRONI_CONFIGURATION: 'a: 1' }, {}],
  ])('%s', (_name, environment, document) => {
    expect(readEnvironment(environment).document).toEqual(document);
  });

  it('says which variable has no effect, and which one set an option', () => {
    const overlay = readEnvironment({ PATRONI_CTL_INSECURE: 'perhaps', PATRONI_SCOPE: 'shop' });
    expect(overlay.notices).toHaveLength(1);
    expect(overlay.notices[0]).toContain('PATRONI_CTL_INSECURE');
    expect(overlay.origins.get('scope')).toBe('PATRONI_SCOPE');
  });
});
