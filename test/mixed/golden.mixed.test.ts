/** One state in one store, rendered by Patroni's newest tool and by ours: the same text, but for version strings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { Etcd } from '../support/etcd.ts';
import { call, matriarchCommand } from '../support/matriarch.ts';
import { newerPatronictl } from '../support/newer-patroni.ts';
import { clusterKeys } from '../support/node-snapshot.ts';

type Keys = Readonly<Record<string, Json>>;

/** Laid over a cluster of three; `null` removes a key. */
const states: Readonly<Record<string, Keys>> = {
  plain: {
    history: [
      [1, 25_623_960, 'no recovery target specified'],
      [2, 83_886_176, 'no recovery target specified', '2031-05-04T10:00:00.123456+00:00', 'n1'],
    ],
  },
  rich: {
    config: {
      ttl: 30,
      loop_wait: 10,
      pause: true,
      synchronous_mode: true,
      postgresql: {
        use_slots: true,
        parameters: {
          wal_log_hints: 'on',
          'a.b': 'yes',
          max_connections: 100,
          x: 1.5,
          empty: '',
          long: 'y '.repeat(150),
        },
        pg_hba: ['host all all 0.0.0.0/0 md5', 'local all all trust'],
      },
      slots: {
        one: { type: 'physical' },
        'date-like': '2031-01-01',
        octal: '010',
        tilde: '~',
        quote: "it's: x",
        "o'clock: y": "'a' || 'b'",
        none: null,
        list: [],
      },
    },
    sync: { leader: 'n1', sync_standby: 'n2', quorum: 0 },
    failover: { leader: 'n1', member: 'n2', scheduled_at: '2031-05-04T10:00:00+00:00' },
    'members/n2': member('2', {
      tags: { clonefrom: true, zone: 'a', odd: 'on', list: [1, 'b'] },
      pending_restart: true,
      pending_restart_reason: {
        max_connections: { old_value: '100', new_value: '200' },
        shared_preload_libraries: { old_value: '', new_value: 'pg_stat_statements,auto_explain,pg_cron' },
      },
    }),
    'members/n3': member('3', {
      receive_lsn: 83_886_176 - 3 * 524_288,
      replay_lsn: 83_886_176 - 5 * 524_288,
      scheduled_restart: { schedule: '2031-05-04T10:00:00+00:00', postgres_version: '17.3' },
    }),
  },
  quorum: {
    config: { synchronous_mode: 'quorum' },
    sync: { leader: 'n1', sync_standby: 'n2,n3', quorum: 1 },
    'members/n2': member('2', { state: 'in archive recovery', replication_state: 'in archive recovery' }),
  },
  standby: {
    config: { standby_cluster: { host: '10.1.0.1', port: 5432 } },
    'members/n1': member('1', { role: 'standby_leader' }),
    'members/n2': member('2', { tags: { replicatefrom: 'n3' } }),
    'members/n3': {
      conn_url: 'postgres://10.0.0.3:5432/postgres',
      state: 'stopped',
      role: 'replica',
      version: '4.1.4',
    },
  },
  leaderless: {
    leader: null,
    'members/n1': {
      state: 'stopped',
      role: 'replica',
      conn_url: 'postgres://10.0.0.1:5433/postgres',
      version: '4.1.4',
    },
    'members/n2': {
      xlog_location: 83_886_000,
      state: 'running',
      role: 'replica',
      version: '3.0.2',
      timeline: 3,
      conn_url: 'postgres://10.0.0.2:5432/postgres',
      replication_state: 'streaming',
    },
    'members/é日本': { state: 'creating replica', role: 'replica' },
    history: [],
  },
  initializing: {
    initialize: '',
    config: null,
    leader: null,
    'members/n1': null,
    'members/n2': null,
    'members/n3': null,
  },
};

function member(host: string, change: Keys): Json {
  return { ...(clusterKeys()[`members/n${host}`] as Keys), ...change };
}

const names = [...Object.keys(states), 'nosuch'];
const formats = ['pretty', 'tsv', 'json', 'yaml', 'yml'];
const folder = mkdtempSync(join(tmpdir(), 'matriarch-golden-'));
const file = join(folder, 'patronictl.yml');
const citusFile = join(folder, 'citus.yml');
let etcd: Etcd;
let theirs: string;

beforeAll(async () => {
  theirs = await newerPatronictl();
  etcd = await Etcd.start({ members: 1 });
  const put = async (prefix: string, keys: Keys): Promise<void> => {
    for (const [key, value] of Object.entries(clusterKeys(keys))) {
      await etcd.ctl('put', `${prefix}${key}`, typeof value === 'string' ? value : JSON.stringify(value));
    }
  };
  for (const [name, keys] of Object.entries(states)) await put(`/db/${name}/`, keys);
  await put('/db/groups/0/', { config: { pause: true } });
  await put('/db/groups/1/', { 'members/n2': null, 'members/n3': null });
  const store = `namespace: /db/\netcd3: { hosts: '${etcd.endpoints[0] ?? ''}' }\n`;
  writeFileSync(file, `scope: rich\n${store}`);
  writeFileSync(citusFile, `scope: groups\n${store}citus: { group: 0, database: app }\n`);
}, 400_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await etcd.stop();
});

async function isSame(args: readonly string[], config = file): Promise<void> {
  const wanted = await call([theirs, '-c', config, ...args]);
  const ours = await call(matriarchCommand(['-c', config, ...args], 'patronictl'));

  expect(said(ours)).toEqual(said(wanted));
}

/** Data and status, and the errors among what may also be warnings of a library. */
function said({ code, stdout, stderr }: Awaited<ReturnType<typeof call>>) {
  const errors = stderr.split('\n').filter((each) => /^(Error: |Aborted!)/.test(each));
  return { code, errors, lines: stdout.replace(/version \d+\.\d+\.\d+/g, 'version X').split('\n') };
}

test.each(formats)('list -f %s', async (format) => {
  await isSame(['list', '-f', format, ...names]);
  await isSame(['list', '-e', '-f', format, ...names]);
  await isSame(['list', '-f', format], citusFile);
  await isSame(['list', '-f', format, 'groups', '--group', '1']);
});

test('topology', async () => {
  await isSame(['topology', ...names]);
  await isSame(['topology'], citusFile);
});

test.each(formats)('history -f %s', async (format) => {
  for (const name of ['plain', 'rich', 'leaderless', 'nosuch']) await isSame(['history', name, '-f', format]);
});

test.each(names)('show-config %s', async (name) => {
  await isSame(['show-config', name]);
});

test.each([
  [],
  ['-r', 'primary'],
  ['-r', 'standby-leader'],
  ['-r', 'replica'],
  ['-r', 'any'],
  ['-m', 'n3'],
  ['-m', 'zz'],
])('dsn %s %s', async (...words: readonly string[]) => {
  for (const name of ['plain', 'standby', 'leaderless']) await isSame(['dsn', name, ...words]);
});

test('version', async () => {
  await isSame(['version']);
});
